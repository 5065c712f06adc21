using System.Globalization;
using Sip.Soak;

// Sip.Soak [--seconds N] [--seed S] [--settle N] [--defaults] [--server PATH]: starts the server, floods it with garbage over every
// transport while asking it each half second how it is, and says what it cost. Ends with 1 if the server was late once, has
// logged an exception, has ended, or keeps a call.
var options = new SoakOptions
{
    Seconds = Argument("--seconds", 60),
    Seed = Argument("--seed", Environment.ProcessId),
    SettleSeconds = Argument("--settle", 40),
    Defaults = args.Contains("--defaults"),
    Server = Text("--server") ?? SoakOptions.FindServer(),
};
return await new SoakRun(options, Console.Out).RunAsync() ? 0 : 1;

int Argument(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

string? Text(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
