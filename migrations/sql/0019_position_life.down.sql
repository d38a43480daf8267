DROP TRIGGER late_distribution ON investments.property_investments;
DROP FUNCTION freehold.add_late_distribution();
DROP TRIGGER ownership_trigger_delete ON investments.property_investments;
DROP TRIGGER ownership_trigger_update ON investments.property_investments;
DROP TRIGGER ownership_trigger_insert ON investments.property_investments;
DROP FUNCTION freehold.forget_ownership();
DROP INDEX investments.idx_property_investments_opportunity_id;
