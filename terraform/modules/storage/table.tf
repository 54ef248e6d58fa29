# Matches app/adapters/dynamodb/table-definition.ts. docs/data-model.md describes the items.

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  dynamic "attribute" {
    for_each = toset([
      "pk", "sk", "poolKey", "affinityKey", "liveKey", "dueShard", "dueKey", "listKey", "listSort", "activeKey",
    ])

    content {
      name = attribute.value
      type = "S"
    }
  }

  local_secondary_index {
    name            = "pool"
    range_key       = "poolKey"
    projection_type = "ALL"
  }

  local_secondary_index {
    name            = "affinity"
    range_key       = "affinityKey"
    projection_type = "ALL"
  }

  local_secondary_index {
    name            = "live"
    range_key       = "liveKey"
    projection_type = "KEYS_ONLY"
  }

  global_secondary_index {
    name            = "due"
    hash_key        = "dueShard"
    range_key       = "dueKey"
    projection_type = "KEYS_ONLY"
  }

  global_secondary_index {
    name               = "list"
    hash_key           = "listKey"
    range_key          = "listSort"
    projection_type    = "INCLUDE"
    non_key_attributes = ["state", "branch", "suite", "sha", "actor", "searchText"]
  }

  global_secondary_index {
    name            = "active"
    hash_key        = "activeKey"
    range_key       = "listSort"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}
