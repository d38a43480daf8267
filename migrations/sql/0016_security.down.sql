-- Policies refer to the functions below. What a host granted to the roles stays: roles belong to the
-- cluster, freehold.drop_roles() removes them.
SELECT freehold.disable_row_level_security();
DROP FUNCTION freehold.disable_row_level_security();
DROP FUNCTION freehold.enable_row_level_security();
DROP FUNCTION freehold.protected_tables();
DROP FUNCTION freehold.joint_accounts();
DROP FUNCTION freehold.bypasses_row_security();
DROP FUNCTION freehold.current_investor();
DROP FUNCTION freehold.drop_roles();
DROP FUNCTION freehold.create_roles();
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
