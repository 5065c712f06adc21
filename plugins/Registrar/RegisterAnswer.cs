using System.Buffers;
using System.Buffers.Text;
using Sip.Messages;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>The headers of the 200 to a REGISTER: every binding of the address with the time that is left to it.</summary>
internal sealed class RegisterAnswer
{
    private readonly IReadOnlyList<Binding> bindings;
    private readonly Registration registration;
    private readonly string serviceRoute;
    private readonly double shortened;
    private readonly TemporaryGruus gruus;
    private readonly int flowTimer;

    public RegisterAnswer(IReadOnlyList<Binding> bindings, Registration registration, RegistrarOptions options, TemporaryGruus gruus)
    {
        this.gruus = gruus;
        flowTimer = (int)options.FlowTimer.TotalSeconds;
        this.bindings = bindings;
        this.registration = registration;
        serviceRoute = options.ServiceRoute;
        shortened = options.RegisterExpireRandomizerMax == 0 ? 0 : Random.Shared.NextDouble() * options.RegisterExpireRandomizerMax / 100;
    }

    /// <summary>Writes them; the state is a <see cref="RegisterAnswer"/>.</summary>
    public static void Write(ref SipWriter writer, object? state) => ((RegisterAnswer)state!).Write(ref writer);

    private void Write(ref SipWriter writer)
    {
        // 10.3 step 8: all bindings, each with its expires.
        foreach (Binding binding in bindings)
        {
            if (binding.Expires > registration.Now)
            {
                WriteContact(ref writer, binding);
            }
        }

        // RFC 3327 §5.3: what was stored of the Path.
        if (registration.Contacts is [{ Binding.Path: { Count: > 0 } path }, ..])
        {
            writer.BeginHeader(HeaderId.Path);
            AppendList(ref writer, path);
            writer.EndHeader();
        }

        if (serviceRoute.Length > 0)
        {
            writer.BeginHeader(HeaderId.ServiceRoute);
            AppendList(ref writer, serviceRoute.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            writer.EndHeader();
        }

        writer.Header(HeaderId.Supported, "path, outbound"u8); // RFC 5627 5.2: gruu is not told here
        if (registration.UsesOutbound)
        {
            // RFC 5626 6: the phone learns that its flows count; Flow-Timer (5.4) says how often it must show itself.
            writer.Header(HeaderId.Require, "outbound"u8);
            if (flowTimer > 0)
            {
                writer.Header(HeaderId.FlowTimer, flowTimer);
            }
        }

        // 10.3 step 8: a phone without a clock takes the time from here. RFC 1123 form, 20.17.
        Span<byte> date = stackalloc byte[29];
        Utf8Formatter.TryFormat(registration.Now, date, out int length, new StandardFormat('R'));
        writer.Header(HeaderId.Date, date[..length]);
    }

    private void WriteContact(ref SipWriter writer, Binding binding)
    {
        double left = Math.Ceiling((binding.Expires - registration.Now).TotalSeconds);
        writer.BeginHeader(HeaderId.Contact);
        writer.Append((byte)'<');
        writer.Append(binding.Contact);
        writer.Append((byte)'>');
        if (binding.Q < 1)
        {
            Span<byte> q = stackalloc byte[16];
            Utf8Formatter.TryFormat(binding.Q, q, out int length, new StandardFormat('F', 3));
            writer.Append(";q="u8);
            writer.Append(q[..length]);
        }

        writer.Append(binding.Parameters);
        if (registration.WantsGruu && binding.InstanceId is { Length: > 0 } instance)
        {
            WriteGruus(ref writer, binding, instance);
        }

        writer.Append(";expires="u8);
        writer.Append((long)Math.Max(1, left * (1 - shortened)));
        writer.EndHeader();
    }

    // RFC 5627 5.3: the public GRUU of each instance, and a temporary one for the phone that asks. RFC 5630 5.4: of a sips Contact, sips.
    private void WriteGruus(ref SipWriter writer, Binding binding, string instance)
    {
        string scheme = binding.Contact.StartsWith("sips:", StringComparison.OrdinalIgnoreCase) ? "sips" : "sip";
        writer.Append($";pub-gruu=\"{scheme}:{registration.AddressOfRecord};gr={instance}\"");
        if (registration.Contacts.Exists(c => ReferenceEquals(c.Binding, binding) || c.Binding.UniqueId == binding.UniqueId))
        {
            AddressOfRecord.Split(registration.AddressOfRecord, out _, out string domain);
            string user = gruus.Make(registration.AddressOfRecord, instance, binding.CallId);
            writer.Append($";temp-gruu=\"{scheme}:{user}@{domain};gr\"");
        }
    }

    private static void AppendList(ref SipWriter writer, IReadOnlyList<string> uris)
    {
        for (int i = 0; i < uris.Count; i++)
        {
            bool bracketed = uris[i].Contains('<', StringComparison.Ordinal);
            writer.Append(i > 0 ? ", "u8 : ""u8);
            writer.Append(bracketed ? ""u8 : "<"u8);
            writer.Append(uris[i]);
            writer.Append(bracketed ? ""u8 : ">"u8);
        }
    }
}
