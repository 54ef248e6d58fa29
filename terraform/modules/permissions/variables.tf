variable "table_arn" {
  type        = string
  description = "DynamoDB table."
}

variable "bucket_arn" {
  type        = string
  description = "S3 bucket."
}

variable "key_arn" {
  type        = string
  default     = null
  description = "KMS key of the table, the bucket and the queues. If null, AWS managed keys."
}

variable "cluster_arn" {
  type        = string
  description = "Cluster of the tasks."
}

variable "task_definition_families" {
  type        = list(string)
  description = "Families of task definitions that may run. Families of images that suites name start with the first one."
}

variable "task_role_arns" {
  type        = list(string)
  description = "Roles in those task definitions."
}
