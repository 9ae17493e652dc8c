-- Who may see which rows. Two roles without login, superuser rights or BYPASSRLS; the control plane's connections take
-- one of them on from their first statement to their last:
-- * lightflus_app sees the rows of one tenant: that of app.tenant_id, which a transaction sets. Without it: none.
-- * lightflus_platform finds out which tenant something belongs to (a credential, a deployment to reconcile). It reads
--   only the columns granted below, and changes nothing but people and their passwords.

DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['lightflus_app', 'lightflus_platform'] LOOP
    -- Roles belong to the server: another database of it may have made them, even at this moment.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    -- A superuser may take on any role; another owner has to be a member.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO %I', role_name, current_user);
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION app_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;

DO $$
DECLARE table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY[
    'membership', 'session', 'refresh_token', 'api_key', 'job', 'version', 'deployment', 'deployment_metrics',
    'deployment_checkpoint', 'deployment_attempt', 'job_event', 'log_line', 'result_row', 'connection', 'worker',
    'usage_hour', 'audit_entry', 'idempotency_key', 'abandoned_checkpoints'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I TO lightflus_app '
      'USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())',
      table_name
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO lightflus_app', table_name);
  END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO lightflus_app;

-- Immutable once written; an audit entry gets its outcome afterwards.
REVOKE UPDATE ON version, job_event, log_line, audit_entry FROM lightflus_app;
GRANT UPDATE (status, code) ON audit_entry TO lightflus_app;

-- A tenant is itself the tenant that its row belongs to.
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tenant TO lightflus_app
  USING (id = app_tenant_id()) WITH CHECK (id = app_tenant_id());
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant TO lightflus_app;

-- A person is seen by the tenants that they are a member of, without the password.
ALTER TABLE app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE app_user FORCE ROW LEVEL SECURITY;
CREATE POLICY members_only ON app_user FOR SELECT TO lightflus_app
  USING (EXISTS (SELECT FROM membership WHERE membership.user_id = app_user.id));
GRANT SELECT (id, email, created_at) ON app_user TO lightflus_app;

-- The platform's narrow paths.
CREATE POLICY platform_people ON app_user TO lightflus_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (password_hash) ON app_user TO lightflus_platform;

CREATE POLICY platform_sign_in ON membership FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (tenant_id, user_id, role) ON membership TO lightflus_platform;
CREATE POLICY platform_sign_in ON tenant FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (id, name) ON tenant TO lightflus_platform;

CREATE POLICY platform_credentials ON refresh_token FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (tenant_id, id, token_hash) ON refresh_token TO lightflus_platform;
CREATE POLICY platform_credentials ON api_key FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (tenant_id, id, key_hash) ON api_key TO lightflus_platform;
CREATE POLICY platform_credentials ON worker FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (tenant_id, id, token_hash) ON worker TO lightflus_platform;

CREATE POLICY platform_reconcile ON deployment FOR SELECT TO lightflus_platform USING (true);
GRANT SELECT (tenant_id, id, state) ON deployment TO lightflus_platform;

-- At its start the control plane compares the migrations with its own. Prisma's shadow database has no such table.
DO $$
BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    GRANT SELECT ON _prisma_migrations TO lightflus_platform;
  END IF;
END $$;
