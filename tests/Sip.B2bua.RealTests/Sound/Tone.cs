namespace Sip.B2bua.RealTests.Sound;

/// <summary>Finds a steady tone in a recording.</summary>
internal static class Tone
{
    private const double WindowSeconds = 0.1;

    // G.711 and a late packet now and then leave 0.95 and more of a pure tone's energy at its frequency.
    private const double Pure = 0.8;
    private const double Silent = 300;

    /// <summary>How many seconds of a recording are this tone and hardly anything else.</summary>
    public static double SecondsOf(Wav recording, double hertz)
    {
        int window = (int)(recording.Rate * WindowSeconds);
        int found = 0;
        for (int start = 0; start + window <= recording.Samples.Length; start += window)
        {
            if (Fraction(recording.Samples.Span.Slice(start, window), recording.Rate, hertz) > Pure)
            {
                found++;
            }
        }

        return found * WindowSeconds;
    }

    /// <summary>The part of the energy that is at one frequency, from 0 to 1, by Goertzel's algorithm. Silence has none.</summary>
    public static double Fraction(ReadOnlySpan<short> samples, int rate, double hertz)
    {
        double coefficient = 2 * Math.Cos(2 * Math.PI * hertz / rate);
        double energy = 0, before = 0, twoBefore = 0;
        foreach (short sample in samples)
        {
            energy += (double)sample * sample;
            double now = sample + (coefficient * before) - twoBefore;
            twoBefore = before;
            before = now;
        }

        if (energy / samples.Length < Silent * Silent)
        {
            return 0;
        }

        double power = (before * before) + (twoBefore * twoBefore) - (coefficient * before * twoBefore);
        return power / (energy * samples.Length / 2);
    }
}
