using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sip.B2bua.RealTests.Torture;

/// <summary>Asks the server, from a socket of its own, whether it is well.</summary>
internal sealed class HealthProbe(string address, int port) : IDisposable
{
    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private int count;

    public void Dispose() => socket.Dispose();

    /// <summary>Whether an OPTIONS is answered with 200 within a second.</summary>
    public async Task<bool> IsAnsweredAsync()
    {
        int from = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        string callId = $"probe{++count}-{from}";
        byte[] options = Encoding.ASCII.GetBytes(
            $"OPTIONS sip:{address}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{from};branch=z9hG4bK{callId};rport\r\nMax-Forwards: 70\r\n" +
            $"From: <sip:probe@127.0.0.1>;tag={count}\r\nTo: <sip:{address}>\r\nCall-ID: {callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await socket.SendAsync(options, new IPEndPoint(IPAddress.Parse(address), port), second.Token);
            while (true)
            {
                string answer = Encoding.Latin1.GetString((await socket.ReceiveAsync(second.Token)).Buffer);
                if (answer.Contains(callId, StringComparison.Ordinal))
                {
                    return answer.StartsWith("SIP/2.0 200 ", StringComparison.Ordinal);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }
}
