using System.Buffers.Binary;

namespace Sip.B2bua.RealTests.Sound;

/// <summary>Sound of one channel with 16-bit samples, as the phones play and record it.</summary>
internal sealed class Wav(int rate, short[] samples)
{
    private const int HeaderLength = 44;

    /// <summary>Samples in a second.</summary>
    public int Rate { get; } = rate;

    /// <summary>The samples.</summary>
    public ReadOnlyMemory<short> Samples { get; } = samples;

    /// <summary>How long it is.</summary>
    public double Seconds => (double)Samples.Length / Rate;

    /// <summary>A steady tone.</summary>
    public static Wav OfTone(double hertz, double seconds, int rate = 8000)
    {
        short[] samples = new short[(int)(seconds * rate)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)(12000 * Math.Sin(2 * Math.PI * hertz * i / rate));
        }

        return new Wav(rate, samples);
    }

    /// <summary>
    /// Reads a file that a phone may still be writing: its header may not tell the length yet, or be all zeros, where the caller tells
    /// the rate of its one channel. Null when nothing is there.
    /// </summary>
    public static Wav? TryRead(string path, int rateWithoutHeader = 8000)
    {
        byte[] file;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file = new byte[stream.Length];
            file = file[..stream.ReadAtLeast(file, file.Length, throwOnEndOfStream: false)];
        }
        catch (IOException)
        {
            return null;
        }

        if (file.Length <= HeaderLength)
        {
            return null;
        }

        int data = Math.Max(file.AsSpan().IndexOf("data"u8), HeaderLength - 8);
        int rate = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(24));
        int channels = Math.Max((int)BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(22)), 1);
        ReadOnlySpan<byte> bytes = file.AsSpan(data + 8);
        short[] samples = new short[bytes.Length / (2 * channels)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * channels * i)..]);
        }

        return new Wav(rate == 0 ? rateWithoutHeader : rate, samples);
    }

    /// <summary>Writes it as a RIFF file.</summary>
    public void Write(string path)
    {
        byte[] file = new byte[HeaderLength + (2 * Samples.Length)];
        Span<byte> header = file;
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Rate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], 2 * Rate);
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], 2 * Samples.Length);
        for (int i = 0; i < Samples.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(HeaderLength + (2 * i)), Samples.Span[i]);
        }

        File.WriteAllBytes(path, file);
    }
}
