ALTER TABLE "order_rolls" ALTER COLUMN "level" SET DATA TYPE integer;--> statement-breakpoint
ALTER TABLE "order_things" ALTER COLUMN "level" SET DATA TYPE integer;