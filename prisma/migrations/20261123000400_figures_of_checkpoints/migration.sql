-- What checkpoints cost, and how many of a deployment failed. Null: the worker did not tell.
ALTER TABLE "deployment_checkpoint" ADD COLUMN "alignment_ms" DOUBLE PRECISION,
ADD COLUMN "pause_ms" DOUBLE PRECISION,
ADD COLUMN "commit_ms" DOUBLE PRECISION;

ALTER TABLE "deployment_attempt" ADD COLUMN "checkpoints_completed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "checkpoints_failed" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "deployment" ADD COLUMN "checkpoints_completed" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN "checkpoints_failed" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN "checkpoint_failure" JSONB;
