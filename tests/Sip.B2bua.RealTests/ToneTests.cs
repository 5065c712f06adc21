using Sip.B2bua.RealTests.Programs;
using Sip.B2bua.RealTests.Sound;
using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>The ear of the other tests.</summary>
public sealed class ToneTests
{
    [Fact]
    public void A_tone_is_found_in_its_own_recording_and_no_other_tone_is()
    {
        Wav recording = Wav.OfTone(440, seconds: 2);

        Assert.Equal(2, Tone.SecondsOf(recording, 440), 0.11);
        Assert.Equal(0, Tone.SecondsOf(recording, 1000));
        Assert.Equal(0, Tone.SecondsOf(recording, 660));
    }

    [Fact]
    public void Silence_and_a_mixture_are_not_a_tone()
    {
        Wav low = Wav.OfTone(440, seconds: 1), high = Wav.OfTone(1000, seconds: 1);
        short[] mixture = [.. low.Samples.ToArray().Zip(high.Samples.ToArray(), (a, b) => (short)((a / 2) + (b / 2)))];

        Assert.Equal(0, Tone.SecondsOf(new Wav(8000, mixture), 440));
        Assert.Equal(0, Tone.SecondsOf(new Wav(8000, new short[8000]), 440));
    }

    [Fact]
    public void A_recording_is_read_while_it_is_being_written()
    {
        using var folder = new ScratchFolder("wav");
        string path = folder.File("tone.wav");
        Wav.OfTone(1000, seconds: 1).Write(path);
        byte[] unfinished = File.ReadAllBytes(path)[..10044];
        unfinished.AsSpan(40, 4).Clear();
        File.WriteAllBytes(path, unfinished);

        Wav? read = Wav.TryRead(path);

        Assert.NotNull(read);
        Assert.Equal(8000, read.Rate);
        Assert.Equal(5000, read.Samples.Length);
        Assert.Equal(0.6, Tone.SecondsOf(read, 1000), 0.01);
        Assert.Null(Wav.TryRead(folder.File("nothing.wav")));
    }
}
