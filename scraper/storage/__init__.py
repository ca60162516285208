"""Where articles and everything remembered stay."""
