using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Emulator.Host.Bench;

/// <summary>SPDK's own nvmf_tgt with one of its block devices, for comparison: in ordinary memory, bound to a core.</summary>
internal sealed class NvmfTarget : IDisposable
{
    public const string Nqn = "nqn.2026-11.io.emulator:reference";

    private readonly Process _process;
    private readonly string _configuration;

    /// <param name="program">nvmf_tgt.</param>
    /// <param name="device">malloc or null.</param>
    /// <param name="blocks">Of 4096 bytes.</param>
    public NvmfTarget(string program, int core, string device, long blocks)
    {
        Address = LoopbackServer.FreeAddress();
        _configuration = Path.Combine(Path.GetTempPath(), $"emulator-nvmf-{Environment.ProcessId}-{Address.Port}.json");
        File.WriteAllText(_configuration, Configuration(device, blocks));
        long mebibytes = (blocks >> 8) + 512;
        _process = Process.Start(new ProcessStartInfo("taskset",
        [
            "-c", core.ToString(CultureInfo.InvariantCulture), program, "-m", string.Create(CultureInfo.InvariantCulture, $"[{core}]"),
            "--no-huge", "-s", mebibytes.ToString(CultureInfo.InvariantCulture), "-u", "--disable-cpumask-locks",
            "--num-trace-entries", "0", "-r", _configuration + ".sock", "--json", _configuration,
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        }) ?? throw new UserErrorException($"{program} cannot be started");
        string said = "";
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) => said = line.Data is { Length: > 0 } text ? text : said;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        try
        {
            LoopbackServer.WaitUntilListening(_process, Address, program);
        }
        catch (UserErrorException e)
        {
            Dispose();
            throw said.Length > 0 ? new UserErrorException($"{e.Message}: {said}") : e;
        }
    }

    public IPEndPoint Address { get; }

    public int ProcessId => _process.Id;

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_configuration);
        File.Delete(_configuration + ".sock");
        File.Delete(_configuration + ".sock.lock");
    }

    private string Configuration(string device, long blocks) => $$"""
        { "subsystems": [
          { "subsystem": "bdev", "config": [
            { "method": "bdev_{{device}}_create", "params": { "name": "Device0", "num_blocks": {{blocks}}, "block_size": 4096 } }] },
          { "subsystem": "nvmf", "config": [
            { "method": "nvmf_create_transport", "params": { "trtype": "TCP" } },
            { "method": "nvmf_create_subsystem", "params": { "nqn": "{{Nqn}}", "allow_any_host": true, "serial_number": "REFERENCE" } },
            { "method": "nvmf_subsystem_add_ns", "params": { "nqn": "{{Nqn}}", "namespace": { "bdev_name": "Device0", "nsid": 1 } } },
            { "method": "nvmf_subsystem_add_listener", "params": { "nqn": "{{Nqn}}", "listen_address": {
              "trtype": "TCP", "adrfam": "IPv4", "traddr": "{{Address.Address}}", "trsvcid": "{{Address.Port}}" } } }] }] }
        """;
}
