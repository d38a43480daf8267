-- What a host granted to the roles stays: roles belong to the cluster, freehold.drop_roles() removes them.
DROP FUNCTION freehold.drop_roles();
DROP FUNCTION freehold.create_roles();
DROP FUNCTION freehold.role_names();
DROP FUNCTION analytics.refresh_portfolio_performance();
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER VIEW investments.investments RESET (security_invoker);
        ALTER VIEW investments.portfolios RESET (security_invoker);
        ALTER VIEW shared.investor_summary RESET (security_invoker);
        ALTER VIEW shared.active_opportunities RESET (security_invoker);
    END IF;
END;
$$;
