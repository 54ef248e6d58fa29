# Permissions of a role to use a customer managed key, which services call for the role.

data "aws_region" "current" {}

data "aws_iam_policy_document" "this" {
  # The ARN of a new key is unknown before the first apply, so that this cannot be the count of the module.
  dynamic "statement" {
    for_each = var.key_arn == null ? [] : [var.key_arn]

    content {
      sid       = "UseTheKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  # The least that DynamoDB requires of a role that reads and writes a table with your key. It uses Decrypt and GenerateDataKey too.
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  dynamic "statement" {
    for_each = var.key_arn == null ? [] : [var.key_arn]

    content {
      sid = "UseTheKeyOfTheTable"
      actions = [
        "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
      ]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["dynamodb.${data.aws_region.current.id}.amazonaws.com"]
      }
    }
  }
}
