-- A deployment's slots may be spread over several workers. The first is the one that the deployment names; the others
-- name the deployment. What they name may be deleted before them: their processes are still to be ended then.
ALTER TABLE "deployment" ADD COLUMN "exchange" TEXT,
ADD COLUMN "workers" INTEGER NOT NULL DEFAULT 1;

ALTER TABLE "worker" ADD COLUMN "error" JSONB,
ADD COLUMN "number" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "part_of" UUID;

CREATE UNIQUE INDEX "worker_tenant_id_part_of_number_key" ON "worker"("tenant_id", "part_of", "number");
