using System.Diagnostics;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Host.Configuration;
using Emulator.Media;
using Emulator.Transforms;

namespace Emulator.Host.Serving;

/// <summary>A drive with its medium, which is closed after it.</summary>
public sealed class BuiltDrive : IDisposable
{
    private BuiltDrive(PoweredDrive powered, FileMedium? medium, TimeSpan mountTime)
    {
        Powered = powered;
        Medium = medium;
        MountTime = mountTime;
    }

    /// <summary>What is served: the drive, whose power may be cut.</summary>
    public PoweredDrive Powered { get; }

    /// <summary>The drive of now.</summary>
    public Drive Drive => Powered.Drive;

    /// <summary>Null for a drive in memory.</summary>
    public FileMedium? Medium { get; }

    /// <summary>How long it took to find out what the medium holds, or to make it.</summary>
    public TimeSpan MountTime { get; }

    /// <exception cref="UserErrorException">Memory is short, or the medium cannot be used.</exception>
    public static BuiltDrive Build(DriveOptions options, MediumSettings? settings)
    {
        FileMedium? medium = null;
        long started = Stopwatch.GetTimestamp();
        options = options with { HasTransport = true };
        try
        {
            if (settings == null)
                return new BuiltDrive(new PoweredDrive(options with { MediumId = Guid.NewGuid() }), null, Stopwatch.GetElapsedTime(started));
            options = options with { MediumName = settings.Path, MediumId = Guid.NewGuid() };
            medium = settings.Format || MediumFile.IsToBeMade(settings.Path)
                ? MediumFile.Make(settings.Path, options.ToMediumFormat(), settings.Access)
                : MediumFile.Open(settings.Path, settings.Access, out _);
            return new BuiltDrive(new PoweredDrive(options, medium), medium, Stopwatch.GetElapsedTime(started));
        }
        catch (Exception e)
        {
            medium?.Dispose();
            throw e switch
            {
                MediumException => new UserErrorException(e.Message + (e.Message.EndsWith("anew", StringComparison.Ordinal) ? " with --format-medium" : "")),
                LibraryMissingException => new UserErrorException($"drive {options.SerialNumber}: {e.Message}"),
                OutOfMemoryException => new UserErrorException(
                    $"not enough memory for drive {options.SerialNumber} of {new ByteSize(options.CapacityBytes)}"),
                _ => e,
            };
        }
    }

    /// <summary>Switches the drive off, so that the next start has nothing to recover.</summary>
    /// <returns>Whether everything is on the medium.</returns>
    public bool ShutDown(SimTime now) => Drive.Shutdown(now).IsSuccess;

    public void Dispose()
    {
        Powered.Dispose();
        Medium?.Dispose();
    }
}
