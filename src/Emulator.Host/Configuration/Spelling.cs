namespace Emulator.Host.Configuration;

/// <summary>Finds what somebody meant who mistyped a name.</summary>
public static class Spelling
{
    /// <summary>The candidate nearest to <paramref name="typed"/>; null when none is near.</summary>
    public static string? Nearest(string typed, IEnumerable<string> candidates)
    {
        int limit = Math.Max(1, typed.Length / 3);
        return candidates
            .Select(name => (name, distance: Distance(typed.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.distance <= limit)
            .OrderBy(candidate => candidate.distance)
            .Select(candidate => candidate.name)
            .FirstOrDefault();
    }

    /// <summary>How many letters to insert, delete, replace or swap with their neighbour.</summary>
    public static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
                cost[i, j] = i == 0 ? j : j == 0 ? i : Step(i, j);
        }

        return cost[from.Length, to.Length];

        int Step(int i, int j)
        {
            int replaced = cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            int least = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
            bool isSwap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            return isSwap ? Math.Min(least, cost[i - 2, j - 2] + 1) : least;
        }
    }
}
