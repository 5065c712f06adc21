using System.Text;

namespace Sip.Soak;

/// <summary>Messages that this server serves: the ones that must be answered, and the ones that garbage is made of.</summary>
internal static class GoodMessages
{
    private const string Sdp =
        "v=0\r\no=- 1 1 IN IP4 127.31.0.1\r\ns=-\r\nc=IN IP4 127.31.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

    /// <summary>An OPTIONS to the server itself.</summary>
    public static byte[] Options(Line line, string callId) => Encoding.ASCII.GetBytes(
        $"OPTIONS sip:{ServerUnderSoak.Domain} SIP/2.0\r\nVia: SIP/2.0/{line.Transport} {line.Local};branch=z9hG4bK{callId};rport\r\nMax-Forwards: 70\r\n" +
        $"From: <sip:health@{ServerUnderSoak.Domain}>;tag={callId[..8]}\r\nTo: <sip:{ServerUnderSoak.Domain}>\r\nCall-ID: {callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");

    /// <summary>One of each method, with all that it usually carries. <c>@@@@@@@@</c> stands for what must differ from one to the next.</summary>
    public static IEnumerable<byte[]> Templates()
    {
        string contact = "Contact: <sip:u@127.31.0.1:40000;ob>;expires=60;+sip.instance=\"<urn:uuid:@@@@@@@@-0000-4000-8000-000000000000>\";reg-id=1\r\n";
        foreach (string method in (string[])["OPTIONS", "REGISTER", "INVITE", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "REFER", "UPDATE", "PRACK", "BYE", "CANCEL", "ACK"])
        {
            string more = method switch
            {
                "REGISTER" => contact,
                "INVITE" or "UPDATE" => contact + "Supported: timer, 100rel, replaces, gruu\r\nSession-Expires: 1800;refresher=uac\r\nContent-Type: application/sdp\r\n",
                "SUBSCRIBE" => contact + "Event: dialog\r\nExpires: 600\r\n",
                "NOTIFY" => contact + "Event: dialog\r\nSubscription-State: active;expires=60\r\n",
                "PUBLISH" => "Event: presence\r\nExpires: 600\r\n",
                "REFER" => contact + $"Refer-To: <sip:b@{ServerUnderSoak.Domain}?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>\r\n",
                "PRACK" => "RAck: 1 1 INVITE\r\n",
                "MESSAGE" => "Content-Type: text/plain\r\n",
                _ => "",
            };
            string to = method is "BYE" or "INFO" or "UPDATE" or "PRACK" or "NOTIFY" ? ";tag=00@@@@@@@@" : "";
            string body = method is "INVITE" or "UPDATE" ? Sdp : method == "MESSAGE" ? "hello" : "";
            string user = method == "REGISTER" ? "" : "u1@";
            yield return Encoding.ASCII.GetBytes(
                $"{method} sip:{user}{ServerUnderSoak.Domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.31.0.1:40000;branch=z9hG4bK@@@@@@@@;rport\r\nMax-Forwards: 70\r\n" +
                $"From: <sip:u1@{ServerUnderSoak.Domain}>;tag=@@@@@@@@\r\nTo: <sip:u1@{ServerUnderSoak.Domain}>{to}\r\nCall-ID: @@@@@@@@\r\nCSeq: 1 {method}\r\n" +
                $"{more}Content-Length: {body.Length}\r\n\r\n{body}");
        }
    }
}
