resource "aws_s3_bucket" "this" {
  bucket        = var.bucket_name
  force_destroy = !var.deletion_protection
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.bucket.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# IAM ignores the case of actions. The test server moto does not, and treats every condition of a denial as met, so it
# ignores these statements because of the capital S.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["S3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "NewTlsOnly"
    effect    = "Deny"
    actions   = ["S3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "reports"
    status = "Enabled"

    filter {
      prefix = "test_reports/"
    }

    expiration {
      days = var.retention_days.reports
    }
  }

  rule {
    id     = "runs"
    status = "Enabled"

    filter {
      prefix = "runs/"
    }

    expiration {
      days = var.retention_days.runs
    }
  }

  # Archives that tasks fetch, by URLs that expire after twelve hours.
  rule {
    id     = "sources"
    status = "Enabled"

    filter {
      prefix = "sources/"
    }

    expiration {
      days = 1
    }
  }

  # Cached files of suites. Runs do not restore older ones.
  rule {
    id     = "caches"
    status = "Enabled"

    filter {
      prefix = "caches/"
    }

    expiration {
      days = var.retention_days.caches
    }
  }

  # Events of GitHub that failed. Berth deletes the others after processing them.
  rule {
    id     = "deliveries"
    status = "Enabled"

    filter {
      prefix = "deliveries/"
    }

    expiration {
      days = 7
    }
  }

  rule {
    id     = "leftovers"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = var.retention_days.noncurrent
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # S3 accepts one change of a bucket at a time.
  depends_on = [aws_s3_bucket_versioning.this]
}
