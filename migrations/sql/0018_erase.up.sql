-- What a person has told about themselves, taken out of every table that keeps it, by one function with
-- its owner's rights: history and the audit list are append-only for everybody else. What the law asks
-- to keep stays: money, tax, signatures and the ids that tie them together. Hash chains hold no personal
-- data but the evidence of a signature, which stays. A test of the library compares the tables that hold
-- personal data with what this function and the export cover.
--
-- Its counts are of what was still there: of an erasure that is run again they are zero.
--
-- It judges no right and no state; the library's Erase does, before. A person who is held is refused.
CREATE FUNCTION freehold.erase_person(person UUID) RETURNS TABLE (erased_table TEXT, erased_rows BIGINT)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    address TEXT;
    n BIGINT;
    tenants BIGINT;
    papers UUID[];
BEGIN
    SELECT email INTO address FROM auth.users WHERE id = person FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such user' USING ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT 1 FROM auth.users WHERE id = person AND erasure_hold IS NOT NULL) THEN
        RAISE EXCEPTION 'the person is held' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- In one order, so that two erasures wait for each other.
    ALTER TABLE freehold.approvals DISABLE TRIGGER refuse_change;
    ALTER TABLE documents.documents_history DISABLE TRIGGER refuse_change;
    ALTER TABLE auth.audit_entries DISABLE TRIGGER refuse_change;
    ALTER TABLE users.verifications_history DISABLE TRIGGER refuse_change;

    DELETE FROM auth.sessions WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.sessions'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.password_resets WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.password_resets'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.recovery_codes WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.recovery_codes'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.one_time_codes WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.one_time_codes'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.challenges WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.challenges'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.trusted_devices WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.trusted_devices'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.passkeys WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.passkeys'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.api_keys WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.api_keys'; erased_rows := n; RETURN NEXT;
    DELETE FROM auth.identities WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.identities'; erased_rows := n; RETURN NEXT;
    UPDATE auth.login_attempts SET email = NULL, ip_address = NULL, user_agent = NULL
        WHERE (user_id = person OR email = address) AND num_nonnulls(email, ip_address, user_agent) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.login_attempts'; erased_rows := n; RETURN NEXT;
    UPDATE auth.audit_entries SET ip_address = NULL, user_agent = NULL, detail = NULL
        WHERE user_id = person AND num_nonnulls(ip_address, user_agent, detail) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.audit_entries'; erased_rows := n; RETURN NEXT;

    DELETE FROM users.profiles WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'users.profiles'; erased_rows := n; RETURN NEXT;
    UPDATE users.verifications SET verification_data = NULL, documents = NULL, rejection_reason = NULL
        WHERE user_id = person AND num_nonnulls(verification_data, documents, rejection_reason) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'users.verifications'; erased_rows := n; RETURN NEXT;
    -- After the base table, whose change has just made one more version.
    UPDATE users.verifications_history SET verification_data = NULL, documents = NULL, rejection_reason = NULL
        WHERE user_id = person AND num_nonnulls(verification_data, documents, rejection_reason) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'users.verifications_history'; erased_rows := n; RETURN NEXT;
    DELETE FROM users.connections WHERE person IN (requester_id, recipient_id);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'users.connections'; erased_rows := n; RETURN NEXT;
    UPDATE users.messages SET content = '', attachments = NULL, deleted_at = coalesce(deleted_at, now())
        WHERE sender_id = person AND (content <> '' OR attachments IS NOT NULL OR deleted_at IS NULL);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'users.messages'; erased_rows := n; RETURN NEXT;

    UPDATE communications.email_sends SET to_email = 'erased@erased.invalid', subject = NULL, error_message = NULL, provider_message_id = NULL
        WHERE recipient_id = person AND (to_email <> 'erased@erased.invalid' OR num_nonnulls(subject, error_message, provider_message_id) > 0);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'communications.email_sends'; erased_rows := n; RETURN NEXT;
    DELETE FROM communications.notifications WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'communications.notifications'; erased_rows := n; RETURN NEXT;

    UPDATE analytics.user_events SET user_id = NULL, session_id = NULL, event_label = NULL, page_url = NULL, referrer_url = NULL, user_agent = NULL,
        ip_address = NULL, country = NULL, region = NULL, city = NULL, screen_resolution = NULL, properties = NULL WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'analytics.user_events'; erased_rows := n; RETURN NEXT;
    UPDATE analytics.user_events_archive SET user_id = NULL, session_id = NULL, event_label = NULL, page_url = NULL, referrer_url = NULL, user_agent = NULL,
        ip_address = NULL, country = NULL, region = NULL, city = NULL, screen_resolution = NULL, properties = NULL WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'analytics.user_events_archive'; erased_rows := n; RETURN NEXT;
    UPDATE analytics.page_views SET user_id = NULL, session_id = NULL, page_path = NULL, page_title = NULL WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'analytics.page_views'; erased_rows := n; RETURN NEXT;
    DELETE FROM analytics.investment_funnel WHERE user_id = person;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'analytics.investment_funnel'; erased_rows := n; RETURN NEXT;

    UPDATE events.registrations SET notes = NULL, dietary_requirements = NULL, special_requirements = NULL
        WHERE user_id = person AND num_nonnulls(notes, dietary_requirements, special_requirements) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'events.registrations'; erased_rows := n; RETURN NEXT;
    UPDATE events.event_interactions SET content = NULL, metadata = NULL WHERE user_id = person AND num_nonnulls(content, metadata) > 0;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'events.event_interactions'; erased_rows := n; RETURN NEXT;

    -- Papers of their own that nobody else has seen: what is signed or was asked to be, shared, linked, held,
    -- retained, about an offering or of tax stays as evidence. Bytes in the library's storage keep their key, by
    -- which the host removes them.
    SELECT array_agg(d.id) INTO papers FROM documents.documents d
    WHERE d.owner_id = person AND d.visibility = 'private' AND d.name <> 'erased' AND NOT EXISTS (
        SELECT 1 FROM documents.documents v WHERE COALESCE(v.parent_document_id, v.id) = COALESCE(d.parent_document_id, d.id)
            AND (v.owner_id <> person OR v.visibility <> 'private' OR v.hold_reason IS NOT NULL OR v.retain_until >= current_date
                OR v.type = 'tax_form' OR v.statement_id IS NOT NULL OR v.opportunity_id IS NOT NULL
                OR EXISTS (SELECT 1 FROM documents.document_shares s WHERE s.document_id = v.id)
                OR EXISTS (SELECT 1 FROM documents.links l WHERE l.document_id = v.id)
                OR EXISTS (SELECT 1 FROM documents.signatures s WHERE s.document_id = v.id)
                OR EXISTS (SELECT 1 FROM documents.envelopes e WHERE e.document_id = v.id)));
    UPDATE documents.documents SET name = 'erased', file_name = NULL, folder = '', description = NULL, tags = NULL, metadata = NULL,
        storage_url = CASE WHEN storage_url LIKE 'object:%' THEN storage_url END, deleted_at = coalesce(deleted_at, now())
        WHERE id = ANY (papers);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'documents.documents'; erased_rows := n; RETURN NEXT;
    -- After the base table, whose change has just made one more version.
    UPDATE documents.documents_history h SET name = 'erased', file_name = NULL, folder = '', description = NULL, tags = NULL, metadata = NULL,
        storage_url = CASE WHEN storage_url LIKE 'object:%' THEN storage_url END
        WHERE h.id = ANY (papers);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'documents.documents_history'; erased_rows := n; RETURN NEXT;
    UPDATE documents.uploads u SET file_name = 'erased'
        WHERE u.uploader_id = person AND (u.document_id IS NULL OR u.document_id = ANY (papers)) AND u.file_name <> 'erased';
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'documents.uploads'; erased_rows := n; RETURN NEXT;

    -- A decision stays, and what its maker wrote beside it goes.
    UPDATE freehold.approvals SET note = NULL WHERE approver_id = person AND note IS NOT NULL;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'freehold.approvals'; erased_rows := n; RETURN NEXT;

    -- What this address was asked to sign without an account. The link leads nowhere any more, and the name stays
    -- only where it was signed: nothing else says who did.
    UPDATE documents.signature_requests SET signer_email = 'erased@erased.invalid',
        signer_name = CASE WHEN status = 'signed' THEN signer_name ELSE 'erased' END,
        token_hash = encode(sha256(convert_to(gen_random_uuid() || '.' || gen_random_uuid(), 'UTF8')), 'hex')
        WHERE signer_id IS NULL AND lower(signer_email) = lower(address);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'documents.signature_requests'; erased_rows := n; RETURN NEXT;

    -- Rent rolls name the tenants of a unit. A tenant under a lease stays one, without a name.
    SELECT sum(financials.erase_tenant(t.id, now())), count(*) INTO n, tenants FROM financials.tenants t WHERE t.user_id = person AND t.erased_at IS NULL;
    erased_table := 'financials.rent_roll'; erased_rows := coalesce(n, 0); RETURN NEXT;
    erased_table := 'financials.tenants'; erased_rows := tenants; RETURN NEXT;
    UPDATE financials.vendors SET name = 'erased', email = NULL, phone = NULL, address = NULL, tax_id = NULL, tax_id_index = NULL, tax_id_last4 = NULL,
        erased_at = now(), version = version + 1 WHERE user_id = person AND erased_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'financials.vendors'; erased_rows := n; RETURN NEXT;

    -- Events that nobody waits for any more; of the library's own only ids would be left.
    UPDATE freehold.outbox SET payload = '{"erased": true}' WHERE (delivered_at IS NOT NULL OR dead_at IS NOT NULL)
        AND (aggregate_type = 'user' AND aggregate_id = person OR payload ->> 'user_id' = person::text)
        AND split_part(type, '.', 1) NOT IN ('investments', 'ledger', 'documents') AND type <> 'auth.user_erased' AND payload <> '{"erased": true}';
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'freehold.outbox'; erased_rows := n; RETURN NEXT;

    UPDATE auth.users SET email = 'erased-' || person || '@erased.invalid', email_verified = FALSE, email_verified_at = NULL,
        phone = NULL, phone_verified = FALSE, phone_verified_at = NULL, password_hash = '!', mfa_enabled = FALSE, mfa_type = NULL,
        mfa_secret = NULL, mfa_pending_secret = NULL, mfa_pending_at = NULL, mfa_sms = FALSE, last_totp_step = NULL,
        status = 'deleted', deleted_at = coalesce(deleted_at, now()), erased_at = coalesce(erased_at, now())
        WHERE id = person AND (erased_at IS NULL OR status <> 'deleted' OR email <> 'erased-' || person || '@erased.invalid' OR phone IS NOT NULL
            OR password_hash <> '!' OR mfa_enabled OR num_nonnulls(mfa_secret, mfa_pending_secret) > 0);
    GET DIAGNOSTICS n = ROW_COUNT; erased_table := 'auth.users'; erased_rows := n; RETURN NEXT;

    ALTER TABLE users.verifications_history ENABLE TRIGGER refuse_change;
    ALTER TABLE auth.audit_entries ENABLE TRIGGER refuse_change;
    ALTER TABLE documents.documents_history ENABLE TRIGGER refuse_change;
    ALTER TABLE freehold.approvals ENABLE TRIGGER refuse_change;
END;
$$;
REVOKE ALL ON FUNCTION freehold.erase_person(UUID) FROM PUBLIC;
COMMENT ON FUNCTION freehold.erase_person(UUID) IS 'Takes what a person has told about themselves out of every table that keeps it.';
