namespace Sip.Sdp;

/// <summary>Cuts a value at its blanks. Several blanks count as one: some phones write two.</summary>
internal static class SdpFields
{
    /// <summary>Takes the next field off the front of <paramref name="rest"/>; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        int blank = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = blank < 0 ? rest : rest[..blank];
        rest = rest[field.Length..];
        return field;
    }

    /// <summary>Reads a port: digits only, 0 to 65535.</summary>
    public static bool TryPort(ReadOnlySpan<byte> digits, out int port)
    {
        port = 0;
        if (digits.IsEmpty || digits.Length > 5)
        {
            return false;
        }

        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            port = (port * 10) + (digit - '0');
        }

        return port <= ushort.MaxValue;
    }
}
