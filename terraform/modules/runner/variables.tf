variable "name" {
  type        = string
  description = "Prefix of all names, and the name of the cluster and of the family of the task definition."
}

variable "names" {
  type = object({
    repository = optional(string)
    task_role  = optional(string)
  })
  default     = {}
  description = "Names that differ from the default, for scripts that already use them."
}

variable "common" {
  type = object({
    tags                      = optional(map(string), {})
    role_path                 = optional(string, "/")
    role_permissions_boundary = optional(string)
    logging_retention_in_days = optional(number, 30)
    kms_key_arn               = optional(string)
  })
  default     = {}
  description = "Settings that all modules share: tags, the path and permissions boundary of roles, how long logs are kept, and the KMS key."
}

variable "image" {
  type        = string
  default     = null
  description = "Image with Berth's runner. If null, `image_tag` in the repository that this module creates."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image in the repository that this module creates."
}

variable "cpu" {
  type        = number
  default     = 1024
  description = "CPU units of the task definition. Each run sets its own; this default is for tasks that you start by hand."

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate supports 256, 512, 1024, 2048, 4096, 8192 or 16384 CPU units."
  }
}

variable "memory" {
  type        = number
  default     = 2048
  description = "Memory of the task definition in MiB. Each run sets its own; this default is for tasks that you start by hand."

  validation {
    condition     = var.memory >= 512 && var.memory <= 122880
    error_message = "Fargate supports 512 to 122880 MiB."
  }
}

variable "ephemeral_storage_gib" {
  type        = number
  default     = 21
  description = "Disk of a task in GiB, unless its suite sets one."

  validation {
    condition     = var.ephemeral_storage_gib >= 21 && var.ephemeral_storage_gib <= 200
    error_message = "A task definition supports 21 to 200 GiB."
  }
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "CPU architecture of the tasks: `x86_64` or `arm64`. The image must match it."

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be x86_64 or arm64."
  }
}

variable "capacity_provider_weights" {
  type = object({
    fargate      = optional(number, 1)
    fargate_spot = optional(number, 0)
  })
  default     = {}
  description = "Weights of on-demand and Spot capacity for tasks that name no capacity provider."

  validation {
    condition     = var.capacity_provider_weights.fargate + var.capacity_provider_weights.fargate_spot > 0 && alltrue([for weight in values(var.capacity_provider_weights) : weight >= 0 && weight <= 1000])
    error_message = "Each weight must be between 0 and 1000, and one of them above 0."
  }
}

variable "container_insights" {
  type        = string
  default     = "disabled"
  description = "CloudWatch Container Insights of the cluster: `disabled`, `enabled` or `enhanced`. CloudWatch charges for each metric."

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "Container Insights must be disabled, enabled or enhanced."
  }
}

variable "keep_images" {
  type        = number
  default     = 10
  description = "Number of images that the repository keeps."

  validation {
    condition     = var.keep_images >= 1 && var.keep_images <= 1000
    error_message = "keep_images must be between 1 and 1000."
  }
}

variable "force_delete" {
  type        = bool
  default     = false
  description = "Whether Terraform may delete the repository while it contains images."
}

variable "task_role_policies" {
  type        = map(string)
  default     = {}
  description = "ARNs of policies for the code of trusted runs; the keys are arbitrary. Code from forks never gets them."
}

variable "project_roles" {
  type        = map(object({ policies = map(string) }))
  default     = {}
  description = "Roles for the code of trusted runs of single projects, by the ID of the project: ARNs of policies with arbitrary keys."
}

variable "suite_repository_arns" {
  type        = list(string)
  default     = []
  description = "ECR repositories with images that suites name. Tasks may pull from them."
}

variable "registry_secrets" {
  type = object({
    prefix       = optional(string)
    kms_key_arns = optional(list(string), [])
  })
  default     = {}
  description = "Prefix of the secrets with credentials of registries that services name, and the KMS keys that encrypt them. If the prefix is null, ECS reads none."
}

variable "log_group_arns" {
  type        = list(string)
  default     = []
  description = "Other log groups that tasks write to, and that the first task creates, such as the default group of Batch."
}
