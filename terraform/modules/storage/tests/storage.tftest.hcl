mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "berth"
  bucket_name = "berth-objects"
}

run "stored_data_is_protected" {
  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.point_in_time_recovery[0].enabled
    error_message = "The table is protected from deletion and can be restored."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The bucket allows no public access."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.this.force_destroy
    error_message = "Replaced objects can be restored, and Terraform does not delete a bucket with objects."
  }
}

run "one_key_for_all_data" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "The key encrypts the table."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : one(rule.apply_server_side_encryption_by_default).kms_master_key_id]) == var.kms_key_arn
    error_message = "The key encrypts objects."
  }
}

run "objects_expire" {
  variables {
    retention_days = { reports = 14 }
  }

  assert {
    condition     = { for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => one(rule.expiration[*].days) if rule.id != "leftovers" } == { reports = 14, runs = 30, sources = 1, caches = 14, deliveries = 7 }
    error_message = "Each kind of object has its own retention."
  }

  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled
    error_message = "DynamoDB deletes expired items."
  }
}

run "refuses_a_retention_of_zero" {
  command = plan

  variables {
    retention_days = { runs = 0 }
  }

  expect_failures = [var.retention_days]
}
