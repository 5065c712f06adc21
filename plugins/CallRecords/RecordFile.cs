using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>
/// A file with a line of JSON for each call. Opened anew for each batch, so that whoever turns logs over may move it away at any time.
/// </summary>
internal sealed class RecordFile(string path)
{
    // What phones send ends up here: line breaks and control characters are escaped, so a line stays a line; letters of all languages stay.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the file if it is missing; throws if it cannot be written.</summary>
    public void Open() => OpenFile().Dispose();

    /// <summary>Appends the records.</summary>
    public void Write(IReadOnlyList<CallEntry> entries)
    {
        using MemoryStream lines = new();
        foreach (CallEntry entry in entries)
        {
            using (Utf8JsonWriter json = new(lines, Format))
            {
                Write(json, entry);
            }

            lines.WriteByte((byte)'\n');
        }

        using FileStream file = OpenFile();
        file.Write(lines.GetBuffer(), 0, (int)lines.Length);
    }

    private static void Write(Utf8JsonWriter json, CallEntry entry)
    {
        CallRecord call = entry.Call;
        json.WriteStartObject();
        json.WriteString("id", call.Id);
        json.WriteString("begun", call.Begun);
        WriteTime(json, "rang", call.Rang);
        WriteTime(json, "answered", call.Answered);
        WriteTime(json, "ended", call.Ended);
        json.WriteNumber("seconds", RecordDatabase.SecondsOf(call));
        json.WriteString("caller", call.Caller);
        json.WriteString("called", call.Called);
        json.WriteString("answeredBy", call.AnsweredBy);
        json.WriteNumber("code", call.Code);
        json.WriteString("endedBy", call.EndedBy);
        json.WriteString("reason", call.Reason);
        json.WriteStartArray("legs");
        foreach (LegEntry leg in entry.Legs)
        {
            json.WriteStartObject();
            json.WriteNumber("number", leg.Number);
            json.WriteString("party", leg.Party);
            json.WriteString("callId", leg.CallId);
            json.WriteString("address", leg.Address);
            json.WriteString("transport", leg.Transport);
            json.WriteString("userAgent", leg.UserAgent);
            json.WriteNumber("code", leg.Code);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("trail");
        foreach (string decision in call.Trail)
        {
            json.WriteStringValue(decision);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } value)
        {
            json.WriteString(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    // Who called whom is nobody else's business.
    private FileStream OpenFile()
    {
        FileStreamOptions append = new() { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            append.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        }

        return new FileStream(path, append);
    }
}
