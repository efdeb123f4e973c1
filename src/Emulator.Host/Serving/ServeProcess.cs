using Emulator.Device;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;

namespace Emulator.Host.Serving;

/// <summary>The process that serves: a generic host around the drives, from start to the signal that ends it.</summary>
public static class ServeProcess
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <returns>The exit code.</returns>
    /// <exception cref="UserErrorException">An address or the log file cannot be used, or memory is short.</exception>
    public static async Task<int> RunAsync(ServePlan plan)
    {
        using Logger log = ServeLog.Create(plan);

        // Without the defaults: a drive that takes settings from wherever it is started is a surprise.
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddSerilog(log);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.AddSingleton(plan);
        builder.Services.AddSingleton<ITargetObserver, TargetLog>();
        builder.Services.AddHostedService<DriveService>();
        using IHost host = builder.Build();
        await host.RunAsync();
        return ExitCode.Success;
    }
}
