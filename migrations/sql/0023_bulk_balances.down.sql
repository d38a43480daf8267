DROP FUNCTION freehold.add_sums_to_balances(UUID[], UUID[], INTEGER[], UUID[], NUMERIC[], NUMERIC[]);
