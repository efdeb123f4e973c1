using Emulator.Host.Configuration;
using Emulator.Spdk;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Serving;

/// <summary>SPDK's application, started when the first listener needs it and stopped after the last group is gone.</summary>
public sealed class SpdkRuntime(SpdkSettings settings, ILogger log) : IDisposable
{
    private SpdkApplication? _application;
    private SpdkException? _problem;

    /// <exception cref="SpdkException">SPDK cannot be started; it is tried once.</exception>
    public void Require()
    {
        if (_problem != null)
            throw _problem;
        try
        {
            _application ??= SpdkApplication.Start(settings.ToOptions(), log);
        }
        catch (SpdkException e)
        {
            _problem = e;
            throw;
        }
    }

    public void Dispose() => _application?.Dispose();
}
