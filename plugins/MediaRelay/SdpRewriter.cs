using System.Buffers;
using System.Net;
using System.Text;
using Sip.Sdp;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// Makes of one party's session description the one that the other party gets: our addresses and ports, our origin, and nothing
/// that names the first party's network. Made to be used again and again, by one loop at a time.
/// </summary>
internal sealed class SdpRewriter
{
    private const int LongestAddress = 64;

    private static readonly byte[][] AddressAttributes =
    [
        "candidate"u8.ToArray(), "remote-candidates"u8.ToArray(), "end-of-candidates"u8.ToArray(), // RFC 8839, 8840
        "altc"u8.ToArray(), // RFC 6947
        "alt"u8.ToArray(),
        "ccap"u8.ToArray(), // RFC 7195
        "source-filter"u8.ToArray(), // RFC 4570
    ];

    private readonly SdpWriter writer = new();
    private readonly ArrayBufferWriter<byte> scratch = new(2048);
    private readonly byte[]? mark;
    private readonly byte[]? markLine;
    private readonly List<byte[]> hidden = [];

    /// <param name="mark">The name of the attribute that says "relayed already", or <c>disable</c>.</param>
    public SdpRewriter(string mark)
    {
        if (mark is not ("" or "disable"))
        {
            this.mark = Encoding.ASCII.GetBytes(mark);
            markLine = Encoding.ASCII.GetBytes(mark + ":yes");
        }
    }

    public SdpSession Session { get; } = new();

    /// <summary>Whether an earlier relay left its mark.</summary>
    public bool IsMarked => mark is not null && Session.TryGetAttribute(mark, out ReadOnlySpan<byte> value) && value.SequenceEqual("yes"u8);

    public SdpError Read(ReadOnlySpan<byte> description) => SdpParser.Parse(description, Session);

    /// <summary>
    /// Whether the relay carries this line. A line over TCP (RFC 4145, MSRP) it cannot, and one beyond the bound it will not:
    /// those cross with port 0, which refuses them.
    /// </summary>
    public static bool IsRelayed(SdpMedia media) =>
        media.Port != 0
        && media.Index < RelaySession.MaxLines
        && !media.Protocol.StartsWith("TCP"u8)
        && !(media.TryGetConnection(out SdpConnection connection)
            && !connection.IsHold
            && SourcePolicies.TryReadAddress(connection.Address, out IPAddress? address)
            && !SourcePolicies.IsUnicast(address!));

    /// <summary>Writes the description for the party of <paramref name="to"/>.</summary>
    public void Write(RelayLeg from, RelayLeg to, bool isAnswer, IBufferWriter<byte> output)
    {
        Span<byte> address = stackalloc byte[LongestAddress];
        Collect(from);
        writer.Begin(Session);
        RelayChannel? first = null;
        for (int i = 0; i < Session.MediaCount; i++)
        {
            first ??= to.ChannelAt(i);
        }

        to.Written(first).TryFormat(address, out int length);
        address = address[..length];
        bool isIPv6 = address.Contains((byte)':');
        RewriteSession(isIPv6, address);
        for (int i = 0; i < Session.MediaCount; i++)
        {
            RewriteMedia(Session.MediaAt(i), to, isAnswer, isIPv6, address);
        }

        // RFC 3264 8: the version grows when, and only when, something else changes.
        writer.SetOrigin(to.SessionId, 0, isIPv6, address);
        scratch.ResetWrittenCount();
        writer.WriteTo(scratch);
        writer.SetOrigin(to.SessionId, to.VersionFor(Hash(scratch.WrittenSpan)), isIPv6, address);
        writer.WriteTo(output);
    }

    private void RewriteSession(bool isIPv6, ReadOnlySpan<byte> address)
    {
        int connection = Session.FindLine((byte)'c', 0, Session.SessionEnd);
        if (connection >= 0 || !EverySectionHasConnection())
        {
            SetConnection(SdpWriter.WholeSession, connection, isIPv6, address);
        }

        for (int line = 0; line < Session.SessionEnd; line++)
        {
            Hide(line);
        }

        if (markLine is not null)
        {
            writer.RemoveAttributes(SdpWriter.WholeSession, mark);
            writer.AddAttribute(SdpWriter.WholeSession, markLine);
        }
    }

    private void RewriteMedia(SdpMedia media, RelayLeg to, bool isAnswer, bool isIPv6, ReadOnlySpan<byte> address)
    {
        RelayChannel? channel = IsRelayed(media) ? to.ChannelAt(media.Index) : null;
        int connection = Session.FindLine((byte)'c', media.FirstLine, media.EndLine);
        if (connection >= 0)
        {
            SetConnection(media.Index, connection, isIPv6, address);
        }

        for (int line = media.FirstLine + 1; line < media.EndLine; line++)
        {
            Hide(line);
        }

        bool hasRtcp = media.TryGetAttribute("rtcp"u8, out _);
        if (channel is null)
        {
            RefuseMedia(media);
        }
        else
        {
            writer.SetPort(media.Index, channel.Port);
            if (hasRtcp)
            {
                // RFC 5761 5.1.3: once muxed, a=rtcp names the RTP port.
                writer.RemoveAttributes(media.Index, "rtcp"u8);
                writer.SetRtcp(media.Index, isAnswer && channel.Muxed ? channel.Port : channel.Port + 1);
            }
        }
    }

    // RFC 3264 5.1, 6: port 0 refuses a line. What its attributes say no longer matters, and may name addresses.
    private void RefuseMedia(SdpMedia media)
    {
        if (media.Port != 0)
        {
            writer.SetPort(media.Index, 0);
            for (int line = media.FirstLine + 1; line < media.EndLine; line++)
            {
                if (Session.TypeAt(line) == 'a')
                {
                    writer.RemoveLine(line);
                }
            }
        }

        writer.RemoveAttributes(media.Index, "rtcp"u8);
    }

    private void SetConnection(int section, int line, bool isIPv6, ReadOnlySpan<byte> address)
    {
        // RFC 3264 8.4: hold by the unspecified address crosses as such, in the receiver's family.
        bool onHold = line >= 0 && SdpConnection.TryParse(Session.ValueAt(line), out SdpConnection connection) && connection.IsHold;
        writer.SetConnection(section, isIPv6, onHold ? (isIPv6 ? "::"u8 : "0.0.0.0"u8) : address);
    }

    private void Hide(int line)
    {
        byte type = Session.TypeAt(line);
        switch (type)
        {
            case (byte)'a' when IsAddressAttribute(Session.AttributeNameAt(line)) || Names(line):
                writer.RemoveLine(line);
                break;
            case (byte)'i' or (byte)'u' or (byte)'e' or (byte)'p' when Names(line):
                writer.RemoveLine(line);
                break;
            case (byte)'s' when Names(line):
                writer.ReplaceLine(line, "s=-"u8);
                break;
            default:
                break;
        }
    }

    private static bool IsAddressAttribute(ReadOnlySpan<byte> name)
    {
        // The relay is the media peer and speaks no ICE: with the candidates goes everything that would announce it.
        if (name.StartsWith("ice-"u8))
        {
            return true;
        }

        foreach (byte[] known in AddressAttributes)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    private bool Names(int line)
    {
        ReadOnlySpan<byte> value = Session.ValueAt(line);
        foreach (byte[] address in hidden)
        {
            if (value.IndexOf(address) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    // Every address by which the description or the signalling names the party.
    private void Collect(RelayLeg from)
    {
        hidden.Clear();
        HideAddress(Encoding.ASCII.GetBytes(from.Party.Signalling.ToString()));
        if (Session.TryGetOrigin(out SdpOrigin origin))
        {
            HideAddress(origin.Address);
        }

        for (int line = 0; line < Session.LineCount && hidden.Count < 16; line++)
        {
            if (Session.TypeAt(line) == 'c' && SdpConnection.TryParse(Session.ValueAt(line), out SdpConnection connection) && !connection.IsHold)
            {
                HideAddress(connection.Address);
            }
            else if (Session.AttributeNameAt(line).SequenceEqual("candidate"u8))
            {
                HideAddress(CandidateAddress(Session.AttributeValueAt(line)));
            }
        }
    }

    // Shorter texts (an o= address of "0", say) would match by accident.
    private void HideAddress(ReadOnlySpan<byte> address)
    {
        if (address.Length < 6 || address.SequenceEqual("0.0.0.0"u8))
        {
            return;
        }

        foreach (byte[] known in hidden)
        {
            if (address.SequenceEqual(known))
            {
                return;
            }
        }

        hidden.Add(address.ToArray());
    }

    // RFC 8839 5.1: foundation component transport priority address port ...
    private static ReadOnlySpan<byte> CandidateAddress(ReadOnlySpan<byte> value)
    {
        for (int field = 0; field < 4; field++)
        {
            int blank = value.IndexOf((byte)' ');
            if (blank < 0)
            {
                return default;
            }

            value = value[(blank + 1)..];
        }

        int end = value.IndexOf((byte)' ');
        return end < 0 ? value : value[..end];
    }

    private bool EverySectionHasConnection()
    {
        for (int i = 0; i < Session.MediaCount; i++)
        {
            SdpMedia media = Session.MediaAt(i);
            if (Session.FindLine((byte)'c', media.FirstLine, media.EndLine) < 0)
            {
                return false;
            }
        }

        return Session.MediaCount > 0;
    }

    // FNV-1a, 64 bits: it only has to tell a changed description from an unchanged one.
    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte octet in text)
        {
            hash = (hash ^ octet) * 1099511628211;
        }

        return hash;
    }
}
