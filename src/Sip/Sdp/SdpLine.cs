namespace Sip.Sdp;

/// <summary>Where one line stands in the body. <see cref="Type"/> 0 is an empty line, which is kept in place.</summary>
/// <param name="Type">The letter before the equals sign.</param>
/// <param name="Start">Offset of the line's first octet.</param>
/// <param name="Length">Octets of the line without its line end.</param>
/// <param name="EndLength">Octets of the line end: 2 for CR LF, 1 for a bare LF, 0 where the body stops without one.</param>
public readonly record struct SdpLine(byte Type, int Start, int Length, int EndLength);
