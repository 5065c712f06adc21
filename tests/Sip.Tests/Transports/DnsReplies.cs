using System.Buffers.Binary;
using System.Text;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Writes a name server's messages, octet by octet.</summary>
internal sealed class DnsReplies
{
    private readonly List<byte> octets = [];
    private int answers;
    private int authorities;

    public DnsReplies(int id, string name, DnsType type, int code = 0, bool truncated = false)
    {
        U16(id);
        octets.Add((byte)(0x81 | (truncated ? 2 : 0)));
        octets.Add((byte)(0x80 | code));
        U16(1);
        U16(0);
        U16(0);
        U16(0);
        Name(name);
        U16((int)type);
        U16(1);
    }

    /// <summary>The answer to a question that was sent.</summary>
    public static DnsReplies To(ReadOnlySpan<byte> question, int code = 0, bool truncated = false)
    {
        int at = 12;
        Assert.True(DnsName.TryRead(question, ref at, out string name));
        return new DnsReplies(DnsMessage.IdOf(question), name, (DnsType)BinaryPrimitives.ReadUInt16BigEndian(question[at..]), code, truncated);
    }

    public DnsReplies A(string name, string address, int seconds = 60) =>
        Record(name, DnsType.A, seconds, () => octets.AddRange(System.Net.IPAddress.Parse(address).GetAddressBytes()));

    public DnsReplies Aaaa(string name, string address, int seconds = 60) =>
        Record(name, DnsType.Aaaa, seconds, () => octets.AddRange(System.Net.IPAddress.Parse(address).GetAddressBytes()));

    public DnsReplies Cname(string name, string target, int seconds = 60) => Record(name, DnsType.Cname, seconds, () => Name(target));

    public DnsReplies Srv(string name, int priority, int weight, int port, string target, int seconds = 60) => Record(name, DnsType.Srv, seconds, () =>
    {
        U16(priority);
        U16(weight);
        U16(port);
        Name(target);
    });

    public DnsReplies Naptr(string name, int order, int preference, string flags, string service, string regexp, string replacement) =>
        Record(name, DnsType.Naptr, 60, () =>
        {
            U16(order);
            U16(preference);
            Text(flags);
            Text(service);
            Text(regexp);
            Name(replacement);
        });

    public DnsReplies Soa(string zone, int seconds, int minimum)
    {
        authorities++;
        answers--;
        return Record(zone, DnsType.Soa, seconds, () =>
        {
            Name("ns." + zone);
            Name("root." + zone);
            for (int i = 0; i < 4; i++)
            {
                U32(i);
            }

            U32(minimum);
        });
    }

    public byte[] ToArray()
    {
        byte[] message = [.. octets];
        message[7] = (byte)answers;
        message[9] = (byte)authorities;
        return message;
    }

    private DnsReplies Record(string name, DnsType type, int seconds, Action content)
    {
        answers++;
        Name(name);
        U16((int)type);
        U16(1);
        U32(seconds);
        int length = octets.Count;
        U16(0);
        content();
        int count = octets.Count - length - 2;
        octets[length] = (byte)(count >> 8);
        octets[length + 1] = (byte)count;
        return this;
    }

    private void Name(string name)
    {
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            Text(label);
        }

        octets.Add(0);
    }

    private void Text(string text)
    {
        octets.Add((byte)text.Length);
        octets.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private void U16(int value) => octets.AddRange([(byte)(value >> 8), (byte)value]);

    private void U32(int value)
    {
        U16(value >> 16);
        U16(value & 0xFFFF);
    }
}
