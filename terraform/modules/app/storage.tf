module "storage" {
  source = "../storage"

  name                = var.name
  bucket_name         = var.storage.bucket_name
  retention_days      = var.storage.retention_days
  deletion_protection = var.storage.deletion_protection
  kms_key_arn         = local.kms_key_arn
  tags                = var.common.tags
}

# Version 0.1.0 had these resources in this module.
moved {
  from = aws_dynamodb_table.this
  to   = module.storage.aws_dynamodb_table.this
}

moved {
  from = aws_s3_bucket.this
  to   = module.storage.aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_public_access_block.this
  to   = module.storage.aws_s3_bucket_public_access_block.this
}

moved {
  from = aws_s3_bucket_ownership_controls.this
  to   = module.storage.aws_s3_bucket_ownership_controls.this
}

moved {
  from = aws_s3_bucket_versioning.this
  to   = module.storage.aws_s3_bucket_versioning.this
}

moved {
  from = aws_s3_bucket_server_side_encryption_configuration.this
  to   = module.storage.aws_s3_bucket_server_side_encryption_configuration.this
}

moved {
  from = aws_s3_bucket_policy.this
  to   = module.storage.aws_s3_bucket_policy.this
}

moved {
  from = aws_s3_bucket_lifecycle_configuration.this
  to   = module.storage.aws_s3_bucket_lifecycle_configuration.this
}
