using System.Text;

namespace Sip.Transports;

/// <summary>A small text file of the system that is read again when it has changed. A file that cannot be read is empty.</summary>
/// <param name="loop">The loop whose clock decides when to look.</param>
/// <param name="path">The file.</param>
internal sealed class WatchedFile(EventLoop loop, string path)
{
    // How often the disk is looked at, and what is read of a file at most.
    private const int LookMilliseconds = 5000;
    private const int MaxBytes = 1024 * 1024;

    private long lookAgainAt = long.MinValue;
    private DateTime written;
    private long length = -1;

    /// <summary>Whether the file has changed since the last call, the first call included; then its lines without comments.</summary>
    public bool TryReadChanged(out List<string> lines)
    {
        lines = [];
        if (loop.Now < lookAgainAt)
        {
            return false;
        }

        lookAgainAt = loop.Now + LookMilliseconds;
        try
        {
            FileInfo file = new(path);
            (DateTime Written, long Length) found = file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, 0);
            if (found == (written, length))
            {
                return false;
            }

            (written, length) = found;
            if (file.Exists)
            {
                Read(lines);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lines.Clear(); // it vanished between two looks, or is not ours to read
        }

        return true;
    }

    private void Read(List<string> lines)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] octets = new byte[Math.Min(stream.Length, MaxBytes)];
        int count = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        foreach (string line in Encoding.UTF8.GetString(octets, 0, count).Split('\n'))
        {
            int comment = line.AsSpan().IndexOfAny('#', ';');
            string text = (comment < 0 ? line : line[..comment]).Trim();
            if (text.Length > 0)
            {
                lines.Add(text);
            }
        }
    }
}
