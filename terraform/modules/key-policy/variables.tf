variable "key_arn" {
  type        = string
  default     = null
  description = "KMS key of the table, the bucket and the queues. If null, the policy allows nothing."
}
