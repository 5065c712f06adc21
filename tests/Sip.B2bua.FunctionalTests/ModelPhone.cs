using System.Globalization;

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// A phone that does at any moment what the RFCs let it do then, as a seed decides: it calls, rings, answers, changes the session by
/// INVITE and UPDATE, refuses, presses keys, gives up and hangs up. It knows what it has agreed on, and nothing of the other phones.
/// </summary>
/// <param name="phone">The phone.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Decides.</param>
/// <param name="ladder">Gets a line for each message and each deed.</param>
internal sealed class ModelPhone(TestPhone phone, VirtualTime time, Random random, List<string> ladder)
{
    private readonly ModelSession session = new(phone, random);
    private readonly bool saysUpdate = random.Next(3) != 0;
    private string tag = "";
    private string? offered; // an offer of its own that waits for its answer
    private bool inviting; // until its ACK is sent
    private bool late; // its INVITE has no offer
    private string first = ""; // the offer of the INVITE that calls
    private string settledTag = ""; // in which of its early dialogs an offer was answered
    private TestMessage? invite; // the other's, until it is answered
    private bool awaitsAck;
    private TestMessage? news; // reliable, until its PRACK comes
    private bool isSettled; // an offer was answered, for certain

    /// <summary>Whether a call is up.</summary>
    public bool IsUp { get; private set; }

    /// <summary>What it has said last of what was agreed on.</summary>
    public string Local { get; private set; } = "";

    /// <summary>What it has heard last of what was agreed on.</summary>
    public string Remote { get; private set; } = "";

    /// <summary>Whether it does anything by itself.</summary>
    public bool IsTired { get; set; }

    /// <summary>Who it is.</summary>
    public TestPhone Phone => phone;

    private string Allow => "Allow: INVITE, ACK, BYE, CANCEL, PRACK, INFO" + (saysUpdate ? ", UPDATE" : "");

    private bool IsFree => offered is null && !inviting && invite is null && !awaitsAck && phone.Dialog is not null;

    /// <summary>Reacts from now on to what comes.</summary>
    public void Begin()
    {
        phone.Repeats = true;
        phone.OnMessage = message =>
        {
            Note("<-", message);
            if (message.Method == "REGISTER")
            {
                return false;
            }

            if (message.IsRequest)
            {
                OnRequest(message);
            }
            else
            {
                OnResponse(message);
            }

            return true;
        };
    }

    /// <summary>Calls somebody.</summary>
    public void Call(string uri)
    {
        late = random.Next(4) == 0;
        inviting = true;
        offered = late ? null : first = session.Describe("sendrecv");
        string reliable = random.Next(3) switch { 0 => "Supported: 100rel", 1 => "Require: 100rel", _ => "" };
        Do("INVITE " + reliable);
        phone.Invite(uri, offered ?? "", $"{reliable}\n{Allow}".Trim());
        if (random.Next(5) == 0)
        {
            In(6, () =>
            {
                if (inviting && !IsUp)
                {
                    Do("CANCEL");
                    phone.Cancel();
                }
            });
        }

        In(4, Act);
    }

    /// <summary>Hangs up, if a call is up.</summary>
    public void HangUp()
    {
        if (IsUp)
        {
            Do("BYE");
            IsUp = false;
            Talk();
            phone.Bye();
        }
    }

    private void OnRequest(TestMessage request)
    {
        switch (request.Method)
        {
            case "INVITE" when request.ToTag.Length == 0:
                phone.Open(request);
                invite = request;
                tag = request.FromTag;
                In(3, Ring);
                break;
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
            case "BYE":
                phone.Reply(request, 200);
                IsUp = false;
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
            int code = IsTired ? 200 : random.Next(8) switch { 0 => 488, 1 => 491, 2 => 500, _ => 200 };
            Final(IsUp ? code : 481);
        });
    }

    private void OnAck(TestMessage ack)
    {
        if (!awaitsAck)
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
    }

    private void OnUpdate(TestMessage update)
    {
        int code = offered is not null || inviting ? 491 : invite is not null && !isSettled ? 500 : !IsTired && random.Next(5) == 0 ? 488 : 200;
        if (code != 200)
        {
            phone.Reply(update, code, headers: code == 500 ? "Retry-After: 1" : "");
            return;
        }

        string answer = session.Answer(update.Body);
        Agree(answer, update.Body);
        phone.Reply(update, 200, answer);
    }

    private void OnResponse(TestMessage response)
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
                break;
            case "INVITE":
                inviting = false;
                offered = null;
                Lose(response);
                break;
            case "UPDATE" when response.Code >= 200:
                if (response is { Code: < 300, Body.Length: > 0 } && offered is not null)
                {
                    Agree(offered, response.Body);
                }

                offered = null;
                Lose(response);
                break;
            default:
                break;
        }
    }

    private void Lose(TestMessage response) => IsUp &= response.Code is not (408 or 481);

    // The 2xx of its INVITE.
    private void Accept(string sdp)
    {
        string answer = "";
        if (late && !(isSettled && !IsUp))
        {
            answer = session.Answer(sdp);
            Agree(answer, sdp);
        }
        else if (sdp.Length > 0 && !IsUp && tag != settledTag)
        {
            Agree(first, sdp); // RFC 3261 13.2.1: whatever was agreed on in other dialogs
        }
        else if (sdp.Length > 0 && offered is not null)
        {
            Agree(offered, sdp);
        }

        Do("ACK");
        phone.Ack(answer);
        offered = null;
        inviting = false;
        IsUp = true;
    }

    private void Acknowledge(TestMessage progress)
    {
        if (!inviting || IsUp)
        {
            return;
        }

        tag = progress.ToTag;
        Talk();
        settledTag = progress.Body.Length > 0 ? tag : settledTag;
        string answer = "";
        if (late && !isSettled)
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
        news = phone.Reply(invite, 183, sdp, "Require: 100rel\nRSeq: 1\n" + Allow);
        Repeat(news, 500);
    }

    private void Repeat(TestMessage progress, int milliseconds) => After(milliseconds, () =>
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
            After(500, Decide);
            return;
        }

        Final(random.Next(5) == 0 ? new[] { 486, 488, 500, 603 }[random.Next(4)] : 200);
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
            phone.Reply(asked, code, headers: code == 500 ? "Retry-After: 1" : "");
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

        phone.Reply(asked, 200, sdp, Allow);
        awaitsAck = true;
        IsUp = true;
    }

    // Something by itself, again and again.
    private void Act()
    {
        if (IsTired || (!IsUp && invite is null && !inviting))
        {
            return;
        }

        Talk();
        if (IsUp && IsFree)
        {
            switch (random.Next(8))
            {
                case 0:
                    HangUp();
                    return;
                case 1:
                    Invite("");
                    break;
                case 2 or 3:
                    Invite(session.Change());
                    break;
                case 4 or 5:
                    Update();
                    break;
                default:
                    Do("INFO");
                    phone.Ask("INFO", "Signal=5\r\nDuration=160\r\n", type: "application/dtmf-relay");
                    break;
            }
        }
        else if (!IsUp && isSettled && offered is null && news is null && random.Next(3) == 0)
        {
            Update();
        }

        In(5, Act);
    }

    private void Invite(string sdp)
    {
        late = sdp.Length == 0;
        offered = late ? null : sdp;
        inviting = true;
        Do("INVITE" + (late ? " without an offer" : ""));
        phone.Reinvite(sdp);
        if (random.Next(6) == 0)
        {
            In(1, () =>
            {
                if (inviting)
                {
                    Do("CANCEL");
                    phone.Cancel();
                }
            });
        }
    }

    private void Update()
    {
        offered = session.Change();
        Do("UPDATE");
        phone.Ask("UPDATE", offered);
    }

    private void Agree(string local, string remote)
    {
        (Local, Remote) = (local, remote);
        isSettled = true;
        ladder.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,8:0.000} {phone.User} {phone.Host}    agrees: {Short(local)} with {Short(remote)}"));
    }

    // Its requests go to the party that answered, whatever has come late of others.
    private void Talk()
    {
        if (tag.Length > 0)
        {
            phone.Dialog.RemoteTag = tag;
        }
    }

    private void In(int seconds, Action act) => After(random.Next(10, seconds * 1000), act);

    private void After(int milliseconds, Action act) => time.CreateTimer(_ => act(), null, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);

    private void Do(string what) => ladder.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,8:0.000} {phone.User} {phone.Host} -> {what} {Short(offered ?? "")}"));

    private void Note(string arrow, TestMessage message) => ladder.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"{time.Elapsed.TotalSeconds,8:0.000} {phone.User} {phone.Host} {arrow} {(message.IsRequest ? message.Method : message.Code + " " + message.Method)} {message.CSeq} {Short(message.Body)}"));

    private static string Short(string sdp) =>
        sdp.StartsWith("v=0", StringComparison.Ordinal) ? $"[{sdp.Split("\r\n")[1].Split(' ')[2]}: {string.Join(" / ", HeardSession.MediaLines(sdp))} {sdp.Split("\r\n").FirstOrDefault(line => line is "a=sendonly" or "a=recvonly" or "a=inactive")}]" : "";
}
