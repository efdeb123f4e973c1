namespace Emulator.Flash.Errors;

/// <summary>What the error correction found in a page.</summary>
/// <param name="BitErrors">Errors in the last attempt.</param>
/// <param name="Retries">Attempts after the first.</param>
/// <param name="Correctable">False: the page is lost.</param>
public readonly record struct ReadOutcome(int BitErrors, int Retries, bool Correctable);
