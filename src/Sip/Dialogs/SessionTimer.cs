using Sip.Headers;
using Sip.Messages;

namespace Sip.Dialogs;

/// <summary>Who refreshes a session.</summary>
public enum SessionRefresher : byte
{
    /// <summary>Nobody: the session has no timer.</summary>
    Nobody,

    /// <summary>We do.</summary>
    Us,

    /// <summary>The peer does.</summary>
    Peer,
}

/// <summary>
/// The session timer of one dialog (RFC 4028): what to ask for, what to answer, who refreshes and when. It owns no timer: set one for
/// <see cref="MillisecondsToAct"/> after each 2xx to an INVITE or UPDATE.
/// </summary>
public sealed class SessionTimer
{
    /// <summary>RFC 4028 5: the Min-SE where none is given, and the least that may be asked for, in seconds.</summary>
    public const int LeastMinimum = 90;

    private readonly int ownMinimum;

    /// <summary>Makes the state of a dialog without a timer so far.</summary>
    /// <param name="wanted">The interval that we ask for, in seconds; 0 to ask for none.</param>
    /// <param name="minimum">The shortest interval that we accept, in seconds.</param>
    public SessionTimer(int wanted, int minimum = LeastMinimum)
    {
        ownMinimum = Math.Max(minimum, LeastMinimum);
        Minimum = ownMinimum;
        Wanted = wanted > 0 ? Math.Max(wanted, ownMinimum) : 0;
    }

    /// <summary>The interval that we ask for, in seconds; 0 for none.</summary>
    public int Wanted { get; private set; }

    /// <summary>The Min-SE of our requests: the largest that we have, or have met, in seconds.</summary>
    public int Minimum { get; private set; }

    /// <summary>The session interval agreed on, in seconds; 0 for none.</summary>
    public int Interval { get; private set; }

    /// <summary>Who refreshes.</summary>
    public SessionRefresher Refresher { get; private set; }

    /// <summary>
    /// Whether the peer knows timers too, and so counts the interval as we do (10). One that knows none loses nothing when it is over.
    /// </summary>
    public bool IsShared { get; private set; }

    /// <summary>
    /// How long after the last 2xx something is due, or -1: our refresh at half the interval (7.2), or else the end: a BYE shortly before
    /// the peer's refresh is overdue, at the interval less the smaller of 32 s and a third of it (10).
    /// </summary>
    public int MillisecondsToAct => Refresher switch
    {
        SessionRefresher.Us => ToMilliseconds(Interval / 2),
        SessionRefresher.Peer => ToMilliseconds(Interval - Math.Min(32, Interval / 3)),
        SessionRefresher.Nobody => -1,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>7.1 and 7.4: writes Session-Expires and Min-SE into our INVITE or UPDATE. Supported: timer is the caller's.</summary>
    public void WriteRequest(ref SipWriter writer)
    {
        if (Wanted == 0 && Interval == 0)
        {
            return;
        }

        // 7.4: the larger of Min-SE and the current interval; the refresher stays who it is.
        writer.BeginHeader(HeaderId.SessionExpires);
        writer.Append((long)Math.Max(Interval > 0 ? Interval : Wanted, Minimum));
        if (Refresher != SessionRefresher.Nobody)
        {
            writer.Append(Refresher == SessionRefresher.Us ? ";refresher=uac"u8 : ";refresher=uas"u8);
        }

        writer.EndHeader();
        writer.Header(HeaderId.MinSE, Minimum);
    }

    /// <summary>
    /// 9: takes an INVITE or UPDATE of the peer. False if its interval is too small: answer 422 with Min-SE <see cref="Minimum"/>.
    /// </summary>
    public bool AcceptRequest(SipMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        bool supports = HasTimer(request, HeaderId.Supported);
        int requestMinimum = ReadMinimum(request);
        bool asks = SessionExpires.TryParse(request.First(HeaderId.SessionExpires), out SessionExpires asked);
        if (asks && supports && asked.Seconds < (uint)ownMinimum)
        {
            return false;
        }

        // 8: a proxy may have asked for who knows no timers, and it counts.
        IsShared = supports || asks;

        // 7.4: what a request of the peer demands holds for ours, too.
        Minimum = Math.Max(Minimum, requestMinimum);
        if (!asks)
        {
            // 9: we may ask for a timer of our own, not shorter than the request's Min-SE.
            Agree(Wanted == 0 ? 0 : Math.Max(Wanted, requestMinimum), supports ? SessionRefresher.Peer : SessionRefresher.Us);
            return true;
        }

        // 9: the interval may be reduced, never below Min-SE, never increased. A peer that knows no timers cannot be refused.
        int interval = (int)Math.Min(asked.Seconds, int.MaxValue / 1000);
        int floor = Math.Max(requestMinimum, ownMinimum);
        if (Wanted > 0 && Wanted < interval)
        {
            interval = Math.Min(interval, Math.Max(Wanted, floor));
        }

        // Table 2: the request's choice stands; without one a peer that knows timers refreshes.
        Agree(Math.Max(interval, ownMinimum), !supports || asked.IsUas ? SessionRefresher.Us : SessionRefresher.Peer);
        return true;
    }

    /// <summary>9: writes Session-Expires, and Require where the peer refreshes, into our 2xx.</summary>
    public void WriteResponse(ref SipWriter writer)
    {
        if (Interval == 0)
        {
            return;
        }

        writer.BeginHeader(HeaderId.SessionExpires);
        writer.Append((long)Interval);
        writer.Append(Refresher == SessionRefresher.Peer ? ";refresher=uac"u8 : ";refresher=uas"u8);
        writer.EndHeader();
        if (Refresher == SessionRefresher.Peer)
        {
            // 9: with refresher=uac the response requires the extension.
            writer.Header(HeaderId.Require, "timer"u8);
        }
    }

    /// <summary>7.2: takes the 2xx to our INVITE or UPDATE.</summary>
    public void AcceptResponse(SipMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        IsShared = SessionExpires.TryParse(response.First(HeaderId.SessionExpires), out SessionExpires agreed);
        if (IsShared)
        {
            int interval = (int)Math.Clamp(agreed.Seconds, LeastMinimum, int.MaxValue / 1000);
            Agree(interval, agreed.IsUas ? SessionRefresher.Peer : SessionRefresher.Us);
        }
        else
        {
            // 7.2: the peer knows no timers: if we want one, we perform the refreshes.
            Agree(Wanted == 0 ? 0 : Math.Max(Wanted, Minimum), SessionRefresher.Us);
        }
    }

    /// <summary>7.3: takes a 422; whether the request is worth a second try with the larger interval.</summary>
    public bool AcceptTooSmall(SipMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        int minimum = ReadMinimum(response);
        int asked = Math.Max(Interval > 0 ? Interval : Wanted, Minimum);
        if (minimum <= asked)
        {
            return false;
        }

        // 7.4: the largest Min-SE of all 422 responses; Session-Expires is never below it.
        Minimum = Math.Max(Minimum, minimum);
        Wanted = Math.Max(Wanted, minimum);
        Interval = Interval > 0 ? Math.Max(Interval, minimum) : 0;
        return true;
    }

    private static int ToMilliseconds(int seconds) => (int)Math.Min(seconds * 1000L, int.MaxValue);

    // 5: the default is 90 s. A value beyond a year is nobody's minimum and would only wrap.
    private static int ReadMinimum(SipMessage message)
    {
        ReadOnlySpan<byte> value = message.First(HeaderId.MinSE);
        int parameters = value.IndexOf((byte)';');
        value = SipChars.Trim(parameters < 0 ? value : value[..parameters]);
        return SipChars.TryParseInt(value, 31_536_000, out int minimum) ? Math.Max(minimum, LeastMinimum) : LeastMinimum;
    }

    private static bool HasTimer(SipMessage message, HeaderId id)
    {
        foreach (ReadOnlySpan<byte> option in message.Values(id))
        {
            if (SipChars.EqualsIgnoreCase(option, "timer"u8))
            {
                return true;
            }
        }

        return false;
    }

    private void Agree(int interval, SessionRefresher refresher)
    {
        Interval = interval;
        Refresher = interval == 0 ? SessionRefresher.Nobody : refresher;
    }
}
