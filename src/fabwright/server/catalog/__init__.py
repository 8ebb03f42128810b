"""What is to be made: models (geometry), materials, parts and the attributes that parts are known by."""
