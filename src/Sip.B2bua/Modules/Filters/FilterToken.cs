namespace Sip.B2bua.Modules.Filters;

/// <summary>One word of a filter: its kind, where it begins (counted from 0) and its text, for a constant without the quotes.</summary>
internal readonly record struct FilterToken(FilterTokenKind Kind, int At, string Text);
