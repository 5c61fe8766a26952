namespace Sentinel.Policies.Syntax;

/// <summary>What a policy text may be at most; each name says the unit.</summary>
static class Limits
{
    public const int TextCharsMax = 64 * 1024;

    /// <summary>Of a file that begins with the mark: lists of hashes are long.</summary>
    public const int ImportedTextCharsMax = 1024 * 1024;
    public const string ImportedMark = "# From Sigma: ";
    public const string ListFileMark = "# From a file of entries";
    public const int NestingLevelsMax = 64;
    public const int DiagnosticsPerFileMax = 200;
    public const int NameCharsMax = 100;
    public const int TermsPerConditionMax = 1_000;
    public const int VariantsPerValueMax = 5_000;
    public const int KeyFieldsMax = 8;
    public const int StepsPerSequenceMax = 16;
    public const int OccurrencesPerStepMax = 100_000;
    public const int WindowDaysMax = 31;
    public const int OpenWindowsMax = 60;
    public const int RiskPointsMax = 1_000;
    public const int RareTimesMax = 100;
    public const int BaselineBucketsMax = 1_000;
    public const int RegexCharsMax = 1_000;
    public const int RegexRepetitionsMax = 2_000;
    public const int TestRepetitionsMax = 100_000;
    public const int FilePathCharsMax = 200;

    public static int TextCharsMaxOf(string text) =>
        text.StartsWith(ImportedMark, StringComparison.Ordinal)
        || text.StartsWith(ListFileMark, StringComparison.Ordinal)
            ? ImportedTextCharsMax
            : TextCharsMax;
}
