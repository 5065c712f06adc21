namespace Sip.B2bua.TestKit;

/// <summary>
/// What a phone on a bad network does beside its calls (RFC 3261 17): repeats requests until they are answered and responses
/// to an INVITE until they are acknowledged, answers what is repeated, and keeps repetitions from its test.
/// </summary>
internal sealed class PhoneRepeater(VirtualTime time, Action<string> send)
{
    private const int T1 = 500;
    private const int T2 = 4000;

    private readonly Dictionary<string, Pending> pending = [];
    private readonly Dictionary<string, string> answers = [];
    private readonly Dictionary<string, string> acks = [];
    private readonly HashSet<string> seen = [];

    public bool IsOn { get; set; }

    /// <summary>A request is sent.</summary>
    public void Asked(TestMessage request)
    {
        if (IsOn)
        {
            Repeat($"{request.Branch} {request.Method}", request.Text, request.Method == "INVITE" ? int.MaxValue : T2);
        }
    }

    /// <summary>A response is sent.</summary>
    public void Answered(TestMessage request, int code, string response)
    {
        if (!IsOn)
        {
            return;
        }

        answers[$"{request.Branch} {request.Method}"] = response;
        if (request.Method == "INVITE" && code >= 200)
        {
            Repeat($"{request.CallId} {request.CSeq}", response, T2);
        }
    }

    /// <summary>An ACK is sent, to the INVITE with this branch.</summary>
    public void Acknowledged(string branch, string ack)
    {
        if (IsOn)
        {
            acks[branch] = ack;
        }
    }

    /// <summary>Whether the phone has not seen this message before; if it has, this answers it.</summary>
    public bool IsNew(TestMessage message)
    {
        if (!IsOn)
        {
            return true;
        }

        if (message.IsRequest)
        {
            if (message.Method == "ACK")
            {
                Stop($"{message.CallId} {message.CSeq}");
            }

            bool first = seen.Add($"{(message.Method == "ACK" ? message.CallId + message.CSeq : message.Branch)} {message.Method}");
            if (!first && answers.TryGetValue($"{message.Branch} {message.Method}", out string? answer))
            {
                send(answer);
            }

            return first;
        }

        // 17.1.1.2: a provisional response ends the repetitions of an INVITE, a final one those of any request.
        if (message.Code >= 200 || message.Method == "INVITE")
        {
            Stop($"{message.Branch} {message.Method}");
        }

        // Every other of several provisional responses is news.
        if (seen.Add(message.Code < 200 ? message.Text : $"{message.Branch} {message.Method} {message.Code}"))
        {
            return true;
        }

        if (message.Code >= 200 && acks.TryGetValue(message.Branch, out string? ack))
        {
            send(ack);
        }

        return false;
    }

    /// <summary>Forgets what was answered; nothing of it comes again.</summary>
    public void Forget()
    {
        answers.Clear();
        acks.Clear();
        seen.Clear();
        answers.TrimExcess();
        acks.TrimExcess();
        seen.TrimExcess();
        pending.TrimExcess();
    }

    private void Repeat(string key, string text, int longest)
    {
        Stop(key);
        Pending entry = new(text, longest, time.Elapsed + TimeSpan.FromMilliseconds(64 * T1));
        entry.Timer = time.CreateTimer(_ => Fire(key, entry), null, TimeSpan.FromMilliseconds(T1), Timeout.InfiniteTimeSpan);
        pending[key] = entry;
    }

    private void Stop(string key)
    {
        if (pending.Remove(key, out Pending? entry))
        {
            entry.Timer!.Dispose();
        }
    }

    private void Fire(string key, Pending entry)
    {
        if (time.Elapsed >= entry.End)
        {
            Stop(key);
            return;
        }

        send(entry.Text);
        entry.Interval = Math.Min(entry.Interval * 2, entry.Longest);
        entry.Timer!.Change(TimeSpan.FromMilliseconds(entry.Interval), Timeout.InfiniteTimeSpan);
    }

    private sealed class Pending(string text, int longest, TimeSpan end)
    {
        public string Text { get; } = text;

        public int Longest { get; } = longest;

        public TimeSpan End { get; } = end;

        public int Interval { get; set; } = T1;

        public ITimer? Timer { get; set; }
    }
}
