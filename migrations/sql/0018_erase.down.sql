DROP FUNCTION freehold.erase_person(UUID);
