-- The tables of schema.prisma, as `npm run prisma -- migrate diff` writes them.
-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'developer', 'viewer');

-- CreateEnum
CREATE TYPE "desired_state" AS ENUM ('running', 'suspended', 'stopped', 'drained', 'cancelled');

-- CreateEnum
CREATE TYPE "deployment_state" AS ENUM ('PENDING', 'STARTING', 'RUNNING', 'RESTARTING', 'SUSPENDING', 'SUSPENDED', 'STOPPING', 'DRAINING', 'CANCELLING', 'STOPPED', 'CANCELLED', 'FINISHED', 'FAILED');

-- CreateEnum
CREATE TYPE "placement" AS ENUM ('shared', 'dedicated');

-- CreateEnum
CREATE TYPE "log_level" AS ENUM ('info', 'warn', 'error');

-- CreateEnum
CREATE TYPE "checkpoint_kind" AS ENUM ('checkpoint', 'savepoint');

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "jobs_max" INTEGER NOT NULL DEFAULT 100,
    "slots_max" INTEGER NOT NULL DEFAULT 64,
    "requests_per_minute_max" INTEGER NOT NULL DEFAULT 1200,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "tenant_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("tenant_id","user_id")
);

-- CreateTable
CREATE TABLE "session" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "refresh_token" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "job" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "latest_version" INTEGER NOT NULL DEFAULT 0,
    "latest_deployment" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "job_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "version" (
    "tenant_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "program_file" TEXT NOT NULL,
    "program_text" TEXT NOT NULL,
    "bundle_text" TEXT NOT NULL,
    "bundle_sha256" TEXT NOT NULL,
    "graph" JSONB NOT NULL,
    "graph_hash" TEXT NOT NULL,
    "diagnostics" JSONB NOT NULL,
    "connections" TEXT[],

    CONSTRAINT "version_pkey" PRIMARY KEY ("tenant_id","job_id","version")
);

-- CreateTable
CREATE TABLE "deployment" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "desired" "desired_state" NOT NULL DEFAULT 'running',
    "parallelism" INTEGER NOT NULL,
    "checkpoint_interval_ms" INTEGER NOT NULL,
    "placement" "placement" NOT NULL,
    "restore" BOOLEAN NOT NULL DEFAULT true,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "run_generation" INTEGER NOT NULL DEFAULT 1,
    "state" "deployment_state" NOT NULL DEFAULT 'PENDING',
    "state_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "restarts" INTEGER NOT NULL DEFAULT 0,
    "error" JSONB,
    "worker_id" UUID,
    "workers_lost" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "deployment_metrics" (
    "tenant_id" UUID NOT NULL,
    "deployment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "operators" JSONB NOT NULL,
    "base_at" TIMESTAMPTZ(3) NOT NULL,
    "base" JSONB NOT NULL,
    "records_in_per_second" DOUBLE PRECISION NOT NULL,
    "records_out_per_second" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "deployment_metrics_pkey" PRIMARY KEY ("tenant_id","deployment_id")
);

-- CreateTable
CREATE TABLE "deployment_checkpoint" (
    "tenant_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "checkpoint" BIGINT NOT NULL,
    "deployment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "kind" "checkpoint_kind" NOT NULL,
    "completed_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,
    "bytes" BIGINT NOT NULL,
    "location" TEXT NOT NULL,

    CONSTRAINT "deployment_checkpoint_pkey" PRIMARY KEY ("tenant_id","job_id","checkpoint")
);

-- CreateTable
CREATE TABLE "job_event" (
    "tenant_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "deployment_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "from_state" "deployment_state",
    "to_state" "deployment_state",
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,

    CONSTRAINT "job_event_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "log_line" (
    "tenant_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "deployment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "level" "log_level" NOT NULL,
    "operator" TEXT,
    "message" TEXT NOT NULL,

    CONSTRAINT "log_line_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "result_row" (
    "tenant_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "deployment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "sink" TEXT NOT NULL,
    "key" TEXT,
    "row" JSONB NOT NULL,

    CONSTRAINT "result_row_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "connection" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "secrets" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "worker" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "placement" "placement" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "last_sync_at" TIMESTAMPTZ(3),
    "pid" INTEGER,
    "resident_bytes" BIGINT,
    "start_after" TIMESTAMPTZ(3),
    "losses" INTEGER NOT NULL DEFAULT 0,
    "idle_since" TIMESTAMPTZ(3),
    "removing" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "worker_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "deployment_attempt" (
    "tenant_id" UUID NOT NULL,
    "deployment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "job_name" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "reported_at" TIMESTAMPTZ(3) NOT NULL,
    "log_sequence" INTEGER NOT NULL DEFAULT 0,
    "row_sequence" INTEGER NOT NULL DEFAULT 0,
    "slot_ms" BIGINT NOT NULL DEFAULT 0,
    "records_in" BIGINT NOT NULL DEFAULT 0,
    "records_out" BIGINT NOT NULL DEFAULT 0,
    "bytes_in" BIGINT NOT NULL DEFAULT 0,
    "bytes_out" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "deployment_attempt_pkey" PRIMARY KEY ("tenant_id","deployment_id","attempt")
);

-- CreateTable
CREATE TABLE "usage_hour" (
    "tenant_id" UUID NOT NULL,
    "job_name" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "slot_ms" BIGINT NOT NULL,
    "records_in" BIGINT NOT NULL,
    "records_out" BIGINT NOT NULL,
    "bytes_in" BIGINT NOT NULL,
    "bytes_out" BIGINT NOT NULL,

    CONSTRAINT "usage_hour_pkey" PRIMARY KEY ("tenant_id","job_name","hour")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "tenant_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "status" INTEGER,
    "code" TEXT,
    "request_id" TEXT NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "tenant_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "locked_until" TIMESTAMPTZ(3) NOT NULL,
    "status" INTEGER,
    "response" BYTEA,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("tenant_id","key")
);

-- CreateTable
CREATE TABLE "abandoned_checkpoints" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "location" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "abandoned_checkpoints_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_name_key" ON "tenant"("name");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_token_token_hash_key" ON "refresh_token"("token_hash");

-- CreateIndex
CREATE INDEX "refresh_token_tenant_id_session_id_idx" ON "refresh_token"("tenant_id", "session_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_key_hash_key" ON "api_key"("key_hash");

-- CreateIndex
CREATE UNIQUE INDEX "job_tenant_id_name_key" ON "job"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "deployment_state_idx" ON "deployment"("state");

-- CreateIndex
CREATE INDEX "deployment_tenant_id_worker_id_idx" ON "deployment"("tenant_id", "worker_id");

-- CreateIndex
CREATE UNIQUE INDEX "deployment_tenant_id_job_id_number_key" ON "deployment"("tenant_id", "job_id", "number");

-- CreateIndex
CREATE INDEX "deployment_checkpoint_tenant_id_deployment_id_idx" ON "deployment_checkpoint"("tenant_id", "deployment_id");

-- CreateIndex
CREATE INDEX "job_event_tenant_id_job_id_id_idx" ON "job_event"("tenant_id", "job_id", "id" DESC);

-- CreateIndex
CREATE INDEX "log_line_tenant_id_job_id_id_idx" ON "log_line"("tenant_id", "job_id", "id" DESC);

-- CreateIndex
CREATE INDEX "result_row_tenant_id_job_id_id_idx" ON "result_row"("tenant_id", "job_id", "id" DESC);

-- CreateIndex
CREATE INDEX "result_row_tenant_id_job_id_sink_key_idx" ON "result_row"("tenant_id", "job_id", "sink", "key");

-- CreateIndex
CREATE UNIQUE INDEX "connection_tenant_id_name_key" ON "connection"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "worker_token_hash_key" ON "worker"("token_hash");

-- CreateIndex
CREATE INDEX "deployment_attempt_reported_at_idx" ON "deployment_attempt"("reported_at");

-- CreateIndex
CREATE INDEX "audit_entry_tenant_id_at_idx" ON "audit_entry"("tenant_id", "at");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "membership"("tenant_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_token" ADD CONSTRAINT "refresh_token_tenant_id_session_id_fkey" FOREIGN KEY ("tenant_id", "session_id") REFERENCES "session"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version" ADD CONSTRAINT "version_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_tenant_id_job_id_version_fkey" FOREIGN KEY ("tenant_id", "job_id", "version") REFERENCES "version"("tenant_id", "job_id", "version") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_tenant_id_worker_id_fkey" FOREIGN KEY ("tenant_id", "worker_id") REFERENCES "worker"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment_metrics" ADD CONSTRAINT "deployment_metrics_tenant_id_deployment_id_fkey" FOREIGN KEY ("tenant_id", "deployment_id") REFERENCES "deployment"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment_checkpoint" ADD CONSTRAINT "deployment_checkpoint_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment_checkpoint" ADD CONSTRAINT "deployment_checkpoint_tenant_id_deployment_id_fkey" FOREIGN KEY ("tenant_id", "deployment_id") REFERENCES "deployment"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_event" ADD CONSTRAINT "job_event_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "log_line" ADD CONSTRAINT "log_line_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "result_row" ADD CONSTRAINT "result_row_tenant_id_job_id_fkey" FOREIGN KEY ("tenant_id", "job_id") REFERENCES "job"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "worker" ADD CONSTRAINT "worker_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;


