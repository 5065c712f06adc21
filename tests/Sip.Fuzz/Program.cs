using System.Diagnostics;
using System.Globalization;
using Sip.Fuzz;

// Sip.Fuzz --seconds N --seed S: mutates the corpus until the time is over. Ends with 1 on any failure, having printed the
// seed, the number of the input and the input itself.
int seconds = Argument("--seconds", 60);
int seed = Argument("--seed", Environment.ProcessId);
Console.WriteLine($"seed {seed}");

FuzzRun run = new(Corpus.Load(Path.Combine(AppContext.BaseDirectory, "Data")), seed);
long watched = -1;
using Timer watchdog = new(
    _ =>
    {
        long now = run.Inputs;
        if (now == watched)
        {
            Console.Error.WriteLine($"input {now} of seed {seed} does not end:\n{Convert.ToBase64String(run.Current)}");
            Environment.Exit(1);
        }

        watched = now;
    },
    null,
    TimeSpan.FromSeconds(10),
    TimeSpan.FromSeconds(10));

long start = Stopwatch.GetTimestamp();
while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
{
    if (run.Step() is string failure)
    {
        Console.Error.WriteLine($"input {run.Inputs} of seed {seed}: {failure}\n{Convert.ToBase64String(run.Current)}");
        return 1;
    }
}

Console.WriteLine($"{run.Inputs} inputs, {run.Accepted} accepted, seed {seed}");
return 0;

int Argument(string name, int otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
