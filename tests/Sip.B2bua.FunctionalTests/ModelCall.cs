namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// A call of a phone that does at any moment what the RFCs let it do then, as a seed decides: it calls, rings, answers, changes the session
/// by INVITE and UPDATE, refuses, presses keys, transfers, gives up and hangs up. It knows what it has agreed on, and nothing of the others.
/// </summary>
/// <param name="owner">Whose call it is.</param>
/// <param name="world">The others.</param>
internal sealed partial class ModelCall(ModelPhone owner, ModelWorld world)
{
    private readonly TestPhone phone = owner.Phone;
    private readonly Random random = world.Random;
    private readonly ModelSession session = new(world.NextPort(), world.Random);
    private TestDialog dialog = null!;
    private string tag = "";
    private string? offered; // an offer of its own that waits for its answer
    private bool updating; // by UPDATE
    private bool inviting; // until its ACK is sent
    private bool late; // its INVITE has no offer
    private string first = ""; // the offer of the INVITE that calls
    private string settledTag = ""; // in which of its early dialogs an offer was answered
    private TestMessage? invite; // the other's, until it is answered
    private int accepted; // the number of the INVITE that was
    private bool awaitsAck;
    private TestMessage? news; // reliable, until its PRACK comes
    private bool isSettled; // an offer was answered, for certain
    private bool isOver; // there was a call

    /// <summary>Whether a call is up.</summary>
    public bool IsUp { get; private set; }

    /// <summary>What it has said last of what was agreed on.</summary>
    public string Local { get; private set; } = "";

    /// <summary>What it has heard last of what was agreed on.</summary>
    public string Remote { get; private set; } = "";

    /// <summary>Whether there is a call, or may soon be one.</summary>
    public bool IsBusy => IsUp || invite is not null || inviting;

    /// <summary>Where it wants its audio.</summary>
    public int Port => session.Port;

    /// <summary>Who wants to know what becomes of the INVITE that it begins with.</summary>
    public Action<int>? Outcome { get; set; }

    /// <summary>Its dialog, once it has begun.</summary>
    public TestDialog Dialog => dialog;

    /// <summary>Whose call it is.</summary>
    public ModelPhone Owner => owner;

    /// <inheritdoc/>
    public override string ToString() => $"{phone.User} {phone.Host} {Port}";

    private bool IsFree => offered is null && !inviting && invite is null && !awaitsAck;

    /// <summary>Calls somebody.</summary>
    /// <param name="uri">Whom.</param>
    /// <param name="headers">More header lines.</param>
    public void Call(string uri, string headers = "")
    {
        late = random.Next(4) == 0;
        inviting = true;
        offered = late ? null : first = session.Describe("sendrecv");
        string reliable = random.Next(3) switch { 0 => "Supported: 100rel", 1 => "Require: 100rel", _ => "" };
        Do($"INVITE {uri} {reliable} {headers}");
        phone.Invite(uri, offered ?? "", string.Join('\n', new[] { headers, reliable, owner.Allow }.Where(line => line.Length > 0)));
        dialog = phone.Dialog;
        if (random.Next(5) == 0)
        {
            In(6, () =>
            {
                if (inviting && !IsUp)
                {
                    Cancel();
                }
            });
        }

        In(4, Act);
    }

    /// <summary>Is called.</summary>
    public void Begin(TestMessage request)
    {
        phone.Open(request);
        dialog = phone.Dialog;
        invite = request;
        tag = request.FromTag;
        In(3, Ring);
    }

    /// <summary>Hangs up, if a call is up.</summary>
    public void HangUp()
    {
        if (IsUp)
        {
            Do("BYE");
            End();
            Talk();
            phone.Bye();
        }
    }

    /// <summary>A request has come in its dialog.</summary>
    public void OnRequest(TestMessage request)
    {
        switch (request.Method)
        {
            case "INVITE":
                OnReinvite(request);
                break;
            case "ACK":
                OnAck(request);
                break;
            case "CANCEL":
                phone.Reply(request, 200);
                Final(487);
                break;
            case "PRACK":
                OnPrack(request);
                break;
            case "UPDATE" when request.Body.Length > 0:
                OnUpdate(request);
                break;
            case "NOTIFY":
                OnNotify(request);
                break;
            case "REFER":
                OnRefer(request);
                break;
            case "BYE":
                phone.Reply(request, 200);
                End();
                Final(487);
                break;
            default:
                phone.Reply(request, 200);
                break;
        }
    }

    private void OnReinvite(TestMessage request)
    {
        if (inviting || offered is not null)
        {
            phone.Reply(request, 491);
            return;
        }

        awaitsAck = false; // who asks for the next change has the answer to the last
        invite = request;
        In(2, () =>
        {
            int code = world.IsTired ? 200 : random.Next(8) switch { 0 => world.HasOwnOffers ? 200 : 488, 1 => 491, 2 => 500, _ => 200 };
            Final(IsUp ? code : 481);
        });
    }

    private void OnAck(TestMessage ack)
    {
        if (!awaitsAck || ack.CSeq != accepted)
        {
            return;
        }

        awaitsAck = false;
        if (offered is not null && ack.Body.Length > 0)
        {
            Agree(offered, ack.Body);
        }

        offered = null;
    }

    private void OnPrack(TestMessage prack)
    {
        news = null;
        phone.Reply(prack, 200);
        if (prack.Body.Length > 0 && offered is not null)
        {
            Agree(offered, prack.Body);
            offered = null;
        }

        if (invite is not null && !IsUp && prack.Header("RAck").StartsWith("1 ", StringComparison.Ordinal) && random.Next(3) == 0)
        {
            Do("180 reliable");
            news = phone.Reply(invite, 180, headers: "Require: 100rel\nRSeq: 2");
            Repeat(news, 500);
        }
    }

    private void OnUpdate(TestMessage update)
    {
        int code = offered is not null || inviting ? 491 : invite is not null && !isSettled ? 500 : !world.IsTired && random.Next(5) == 0 ? 488 : 200;
        if (code != 200)
        {
            phone.Reply(update, code, headers: code == 500 ? "Retry-After: 1" : "");
            return;
        }

        string answer = session.Answer(update.Body);
        Agree(answer, update.Body);
        phone.Reply(update, 200, answer);
    }

    /// <summary>A response to a request of its own has come.</summary>
    public void OnResponse(TestMessage response)
    {
        switch (response.Method)
        {
            case "INVITE" when response.Code < 200:
                if (response.Has("RSeq"))
                {
                    In(2, () => Acknowledge(response));
                }

                break;
            case "INVITE" when response.Code < 300:
                tag = response.ToTag;
                Talk();
                Accept(response.Body);
                Tell(response.Code);
                break;
            case "INVITE":
                inviting = false;
                offered = null;
                Lose(response);
                Tell(response.Code);
                break;
            case "REFER":
                Lose(response);
                break;
            case "UPDATE" when response.Code >= 200:
                if (response is { Code: < 300, Body.Length: > 0 } && offered is not null)
                {
                    Agree(offered, response.Body);
                }

                offered = null;
                updating = false;
                Lose(response);
                break;
            default:
                break;
        }
    }

    private void Tell(int code)
    {
        Outcome?.Invoke(code);
        Outcome = null;
    }

    private void Lose(TestMessage response)
    {
        if (response.Code is 408 or 481)
        {
            End();
        }
    }

    private void End() => (isOver, IsUp) = (isOver || IsUp, false);

    // The 2xx of its INVITE.
    private void Accept(string sdp)
    {
        string answer = "";
        if (late && (IsUp || !isSettled || (tag != settledTag && sdp.Length > 0)))
        {
            answer = session.Answer(sdp);
            Agree(answer, sdp);
        }
        else if (sdp.Length > 0 && !IsUp && tag != settledTag)
        {
            Agree(first, sdp); // RFC 3261 13.2.1: whatever was agreed on in other dialogs
        }
        else if (sdp.Length > 0 && offered is not null && !updating)
        {
            Agree(offered, sdp);
        }

        Do("ACK");
        phone.Ack(answer);
        offered = updating ? offered : null;
        inviting = false;
        IsUp = !isOver;
    }

    private void Acknowledge(TestMessage progress)
    {
        if (!inviting || IsUp)
        {
            return;
        }

        tag = progress.ToTag;
        Talk();
        bool isFirst = progress.Body.Length > 0 && tag != settledTag;
        settledTag = isFirst ? tag : settledTag;
        string answer = "";
        if (late && isFirst)
        {
            answer = session.Answer(progress.Body);
            Agree(answer, progress.Body);
        }
        else if (offered is not null && progress.Body.Length > 0)
        {
            Agree(offered, progress.Body);
            offered = null;
        }

        Do("PRACK");
        phone.Prack(progress, answer);
    }

    private void Ring()
    {
        if (invite is null)
        {
            return;
        }

        bool reliable = invite.Header("Supported").Contains("100rel", StringComparison.Ordinal) && random.Next(2) == 0;
        switch (random.Next(3))
        {
            case 0:
                phone.Reply(invite, 180);
                break;
            case 1 when reliable:
                RingReliably();
                break;
            case 1 when invite.Body.Length > 0:
                phone.Reply(invite, 183, session.Answer(invite.Body));
                break;
            default:
                break;
        }

        In(6, Decide);
    }

    private void RingReliably()
    {
        string sdp = invite!.Body.Length > 0 ? session.Answer(invite.Body) : session.Describe("sendrecv");
        if (invite.Body.Length > 0)
        {
            Agree(sdp, invite.Body);
        }
        else
        {
            offered = sdp;
        }

        Do("183 reliable");
        news = phone.Reply(invite, 183, sdp, "Require: 100rel\nRSeq: 1\n" + owner.Allow);
        Repeat(news, 500);
    }

    private void Repeat(TestMessage progress, int milliseconds) => world.After(milliseconds, () =>
    {
        if (news == progress && invite is not null && milliseconds < 32_000)
        {
            phone.Repeat(progress);
            Repeat(progress, milliseconds * 2);
        }
    });

    // RFC 3262 3: a 2xx waits for the PRACK of news with a session.
    private void Decide()
    {
        if (invite is null || IsUp)
        {
            return;
        }

        if (news is not null || offered is not null)
        {
            world.After(500, Decide);
            return;
        }

        Final(random.Next(5) == 0 ? new[] { 486, 488, 500, 603, 302 }[random.Next(world.HasTransfers ? 5 : 4)] : 200);
        In(4, Act);
    }

    private void Final(int code)
    {
        if (invite is not { } asked)
        {
            return;
        }

        invite = null;
        news = null;
        Do($"{code} to INVITE");
        if (code >= 300)
        {
            offered = null;
            phone.Reply(asked, code, headers: code switch { 500 => "Retry-After: 1", 302 => $"Contact: <sip:{world.SomeUser()}@{TestServer.Domain}>", _ => "" });
            return;
        }

        string sdp = "";
        if (asked.Body.Length == 0 && (asked.ToTag.Length > 0 || !isSettled))
        {
            sdp = offered = session.Describe("sendrecv");
        }
        else if (asked.Body.Length > 0 && (asked.ToTag.Length > 0 || !isSettled))
        {
            sdp = session.Answer(asked.Body);
            Agree(sdp, asked.Body);
        }

        phone.Reply(asked, 200, sdp, owner.Allow);
        accepted = asked.CSeq;
        awaitsAck = true;
        IsUp = !isOver;
    }

    private void Agree(string local, string remote)
    {
        (Local, Remote) = (local, remote);
        isSettled = true;
        world.Note(phone, $"   {Port} agrees: {ModelSession.Short(local)} with {ModelSession.Short(remote)}");
    }

    // Its requests go to the party that answered, whatever has come late of others.
    private void Talk()
    {
        phone.Dialog = dialog;
        if (tag.Length > 0)
        {
            dialog.RemoteTag = tag;
        }
    }

    private void In(int seconds, Action act) => world.After(random.Next(10, seconds * 1000), act);

    private void Do(string what) => world.Note(phone, $"-> {what} {ModelSession.Short(offered ?? "")}");
}
