variable "name" {
  type        = string
  description = "Name of the table."
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket for jobs, results, reports and artifacts."
}

variable "retention_days" {
  type = object({
    reports    = optional(number, 90)
    runs       = optional(number, 30)
    caches     = optional(number, 14)
    noncurrent = optional(number, 7)
  })
  default     = {}
  description = "Days that S3 keeps reports, results and artifacts of runs, caches, and replaced or deleted objects."

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days >= 1])
    error_message = "Each retention must be 1 day or more."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether the table cannot be deleted, and the bucket only if it is empty."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "KMS key for the table and the bucket. If null, AWS managed keys."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of all resources."
}
