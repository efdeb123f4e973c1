namespace Emulator.Simulation.Fleets;

/// <summary>How flows share what they have in common.</summary>
public sealed partial class FleetRun
{
    private readonly List<Flow> _held = [];

    /// <summary>
    /// Max-min fairness: the rates of all grow alike until a flow has what it wants, or a device or link has no more to give.
    /// </summary>
    private void Share()
    {
        _held.Clear();
        foreach (Flow flow in _running)
        {
            foreach (Resource resource in flow.Shared)
                (resource.Wanted, resource.Left, resource.Growing) = (0, resource.BytesPerSecond, 0);
        }

        foreach (Flow flow in _running)
        {
            foreach (Resource resource in flow.Shared)
                resource.Wanted += flow.Wanted;
        }

        foreach (Flow flow in _running)
        {
            flow.Rate = flow.Wanted;
            if (Array.Exists(flow.Shared, resource => resource.Wanted > resource.BytesPerSecond))
                _held.Add(flow);
            else
                Take(flow);
        }

        foreach (Flow flow in _held)
        {
            foreach (Resource resource in flow.Shared)
                resource.Growing++;
        }

        while (_held.Count > 0)
            FreezeSome();
    }

    /// <summary>Finds the least rate at which something stops to grow, and stops what does.</summary>
    private void FreezeSome()
    {
        double level = double.PositiveInfinity;
        foreach (Flow flow in _held)
            level = Math.Min(level, Limit(flow));
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            Flow flow = _held[i];
            if (Limit(flow) > level * (1 + 1e-12))
                continue;
            flow.Rate = Math.Min(level, flow.Wanted);
            Take(flow);
            foreach (Resource resource in flow.Shared)
                resource.Growing--;
            _held.RemoveAt(i);
        }
    }

    private static double Limit(Flow flow)
    {
        double limit = flow.Wanted;
        foreach (Resource resource in flow.Shared)
            limit = Math.Min(limit, Math.Max(0, resource.Left) / resource.Growing);
        return limit;
    }

    private static void Take(Flow flow)
    {
        foreach (Resource resource in flow.Shared)
            resource.Left -= flow.Rate;
    }

    private sealed class Flow(int index, PlannedMigration plan, int sourceDevice, int destinationDevice, Resource[] shared, double begin)
    {
        public int Index => index;

        public PlannedMigration Plan => plan;

        public int SourceDevice => sourceDevice;

        public int DestinationDevice => destinationDevice;

        public Resource[] Shared => shared;

        public double Begin => begin;

        /// <summary>All that is copied, in all passes.</summary>
        public double Bytes => plan.Forecast.BytesRead;

        /// <summary>The rate of a migration alone.</summary>
        public double Wanted { get; } = plan.Forecast.BytesRead / plan.Forecast.Seconds;

        public double Rate { get; set; }

        public double Remaining { get; set; } = plan.Forecast.BytesRead;
    }

    private sealed class Resource(double bytesPerSecond, int mostFlows)
    {
        public double BytesPerSecond => bytesPerSecond;

        public int Flows { get; set; }

        public bool HasPlace => Flows < mostFlows;

        /// <summary>By all flows together.</summary>
        public double Wanted { get; set; }

        /// <summary>What is not given away.</summary>
        public double Left { get; set; }

        /// <summary>Flows that still want more.</summary>
        public int Growing { get; set; }
    }
}
