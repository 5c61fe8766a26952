using System.Net;
using System.Net.Sockets;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>A small HTTP server of somebody else: a witness, or a time-stamp authority.</summary>
sealed class OutsideServer : IAsyncDisposable
{
    readonly HttpListener listener = new();
    readonly Task serving;

    public OutsideServer(Func<string, byte[], Task<(int Status, byte[] Body)>> answer)
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}/");
        listener.Prefixes.Add(Address.ToString());
        listener.Start();
        serving = ServeAsync(answer);
    }

    public Uri Address { get; }

    async Task ServeAsync(Func<string, byte[], Task<(int Status, byte[] Body)>> answer)
    {
        while (listener.IsListening)
        {
            HttpListenerContext asked;
            try
            {
                asked = await listener.GetContextAsync();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var body = new MemoryStream();
            await asked.Request.InputStream.CopyToAsync(body);
            var (status, bytes) = await answer(asked.Request.Url!.AbsolutePath, body.ToArray());
            asked.Response.StatusCode = status;
            await asked.Response.OutputStream.WriteAsync(bytes);
            asked.Response.Close();
        }
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }
}
