namespace Sip.B2bua.FunctionalTests;

/// <summary>A phone with several calls at once, some of which it makes one, or takes from others (RFC 3891, RFC 5589).</summary>
/// <param name="phone">The phone.</param>
/// <param name="world">The others.</param>
internal sealed class ModelPhone(TestPhone phone, ModelWorld world)
{
    private const int MostCalls = 3;

    private readonly Dictionary<string, ModelCall> calls = [];
    private readonly bool saysUpdate = world.Random.Next(3) != 0;

    /// <summary>Who it is.</summary>
    public TestPhone Phone => phone;

    /// <summary>What it can do.</summary>
    public string Allow => "Allow: INVITE, ACK, BYE, CANCEL, PRACK, INFO, REFER, NOTIFY" + (saysUpdate ? ", UPDATE" : "");

    /// <summary>Its calls, those that are over among them.</summary>
    public IReadOnlyCollection<ModelCall> Calls => calls.Values;

    /// <summary>Reacts from now on to what comes.</summary>
    public void Begin()
    {
        phone.Repeats = true;
        phone.OnMessage = message =>
        {
            world.Note(phone, $"<- {(message.IsRequest ? message.Method : message.Code + " " + message.Method)} {message.CSeq} {(message.Method == "NOTIFY" ? message.Body.TrimEnd() : ModelSession.Short(message.Body))}");
            if (message.Method == "REGISTER")
            {
                return false;
            }

            Take(message);
            return true;
        };
    }

    /// <summary>Calls somebody.</summary>
    /// <param name="uri">Whom.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="outcome">Who wants to know what becomes of it.</param>
    public void Call(string uri, string headers = "", Action<int>? outcome = null)
    {
        ModelCall call = new(this, world) { Outcome = outcome };
        call.Call(uri, headers);
        calls[call.Dialog.CallId] = call;
    }

    /// <summary>Calls whom it is sent to, in place of somebody else if that is said.</summary>
    /// <param name="referTo">To whom.</param>
    /// <param name="outcome">Who wants to know what becomes of it.</param>
    public void Follow(string referTo, Action<int> outcome)
    {
        string[] parts = referTo.Trim('<', '>').Split('?');
        string headers = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]).Replace("Replaces=", "Replaces: ", StringComparison.Ordinal) : "";
        Call(parts[0], headers, outcome);
    }

    /// <summary>Takes the place of a phone in one of its calls, or the call that rings there.</summary>
    public void TakeOver()
    {
        ModelCall[] others = [.. world.Calls.Where(call => call.Owner != this && call is { IsBusy: true, Dialog.RemoteTag.Length: > 0 })];
        if (others.Length > 0 && !world.IsTired)
        {
            ModelCall other = others[world.Random.Next(others.Length)];
            Call(other.Owner.Phone.AddressOfRecord, $"Replaces: {other.Dialog.Replaces()}{(world.Random.Next(4) == 0 ? ";early-only" : "")}");
        }
    }

    /// <summary>Whom the other party of a call is sent to: to somebody, or in place of this phone into another of its calls.</summary>
    public string ReferTo(ModelCall call)
    {
        string user = world.SomeUser();
        ModelCall[] others = [.. calls.Values.Where(other => other != call && other is { IsBusy: true, Dialog.RemoteTag.Length: > 0 })];
        if (world.Random.Next(12) == 0)
        {
            others = [.. world.Calls.Where(other => other is { Dialog.RemoteTag.Length: > 0 })]; // which may be over, or none of its own
        }

        if (others.Length == 0 || world.Random.Next(4) == 0)
        {
            return $"<sip:{user}@{TestServer.Domain}>";
        }

        ModelCall replaced = others[world.Random.Next(others.Length)];
        return $"<sip:{user}@{TestServer.Domain}?Replaces={Uri.EscapeDataString(replaced.Dialog.Replaces())}>";
    }

    private void Take(TestMessage message)
    {
        ModelCall? call = calls.GetValueOrDefault(message.CallId);
        if (call is null && message is { IsRequest: true, Method: "INVITE", ToTag: "" })
        {
            if (calls.Values.Count(other => other.IsBusy) >= MostCalls)
            {
                phone.Reply(message, 486);
                return;
            }

            calls[message.CallId] = call = new ModelCall(this, world);
            call.Begin(message);
        }
        else if (message is { IsRequest: true, Method: "NOTIFY" } && call is null)
        {
            phone.Reply(message, 200); // of a REFER outside its call
        }
        else if (message.IsRequest)
        {
            call?.OnRequest(message);
        }
        else
        {
            call?.OnResponse(message);
        }
    }
}
